import type { ServiceState } from "../synthesized/states";
import { repositoryUrlOf } from "../synthesized/config";
import { attestingRepository, verifyAttestation } from "./attestation";
import { EcrRepository, type StoredImage } from "./ecr-repository";
import { parseImageReference } from "./image-reference";
import { platformImages } from "./manifest";
import { repositoryOf } from "./repository-url";
import { readScanExceptions } from "./scan-exceptions";
import { criticalFindings, refused } from "./scan-findings";
import type { Images } from "./service-images";

/**
 * Checks whether images may run in a protected environment. Each needs GitHub's attestation of its build, and a scan
 * without a critical finding that has a fix.
 *
 * @throws when an image lacks one of these; the message says which, and what to do
 */
export async function admitImages(services: readonly ServiceState[], images: Images) {
  for (const state of services) {
    const image = images.get(state.service);
    if (image !== undefined) await admitImage(state, image);
  }
}

async function admitImage(service: ServiceState, reference: string) {
  const { tag, digest } = parseImageReference(reference);
  if (tag === undefined || digest === undefined) {
    throw new Error(
      `The image is "${reference}", expected <commit SHA>@sha256:<digest>: without the commit SHA, nobody can tell what it was built from`,
    );
  }
  const address = repositoryOf(repositoryUrlOf(service));
  const repository = new EcrRepository(address);
  try {
    const image = await repository.image({ imageDigest: digest });
    if (!image) throw new Error(`${repository.name} has no image ${digest}`);
    await verifyAttestation({
      repository: attestingRepository(process.env),
      name: `${service.service}:${tag}`,
      digest,
      manifest: image.manifest,
    });
    const exceptions = readScanExceptions();
    const today = new Date().toISOString().slice(0, 10);
    const findings = await Promise.all(
      scanned(image).map((imageDigest) => criticalFindings({ repository: address, imageDigest })),
    );
    const stopping = refused(findings.flat(), exceptions, today);
    if (stopping.length > 0) {
      throw new Error(
        `${repository.name}@${digest} has critical findings that have a fix:\n${stopping.map((line) => `  ${line}`).join("\n")}\nUpdate the packages, and build the image again. If a finding does no harm here, add it to scan-exceptions.yaml with a reason and an end date.`,
      );
    }
  } finally {
    repository.close();
  }
}

/** The digests that ECR scans. For an index, these are its images for each platform, without its attestations. */
const scanned = ({ digest, manifest }: StoredImage) => platformImages(manifest) ?? [digest];
