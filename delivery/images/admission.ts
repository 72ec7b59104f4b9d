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
 * Checks what an image must have before it runs in a protected environment: GitHub's attestation of its
 * build, and a scan without a critical finding that has a fix.
 *
 * @throws when it does not, with what is missing and what to do
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
      `The image is "${reference}", expected <commit SHA>@sha256:<digest>: without the commit nobody can say what it was built from`,
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
        `${repository.name}@${digest} has critical findings that have a fix:\n${stopping.map((line) => `  ${line}`).join("\n")}\nUpdate what they are in, and build again. If one does no harm here, say so in scan-exceptions.yaml, with a reason and an end.`,
      );
    }
  } finally {
    repository.close();
  }
}

/** ECR scans images: of an index each image for a platform, and none of the attestations beside them. */
const scanned = ({ digest, manifest }: StoredImage) => platformImages(manifest) ?? [digest];
