import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

/** The workflow that builds images and attests them, and the branch that it runs on. */
const WORKFLOW = ".github/workflows/_build.yml";
const REF = "refs/heads/main";

/** What GitHub must have attested about an image. */
export interface ExpectedAttestation {
  /** `<owner>/<name>` on GitHub. */
  readonly repository: string;
  /** The name under which the workflow attests the image: `<service>:<tag>`. */
  readonly name: string;
  readonly digest: string;
  /** The text of the manifest, whose digest is `digest`. */
  readonly manifest: string;
}

/** @see https://cli.github.com/manual/gh_attestation_verify */
const verified = z
  .array(
    z.object({
      verificationResult: z.object({
        signature: z.object({
          certificate: z.object({
            sourceRepositoryURI: z.string(),
            sourceRepositoryRef: z.string(),
            buildSignerURI: z.string(),
          }),
        }),
        statement: z.object({
          subject: z.array(
            z.object({ name: z.string(), digest: z.object({ sha256: z.string() }) }),
          ),
        }),
      }),
    }),
  )
  .min(1);

/**
 * Checks that GitHub has attested the build of an image. The attestation must name this repository, branch, workflow,
 * service, tag and digest. The digest of an image is the digest of its manifest, so the manifest is the file to
 * verify, and no registry is asked. Several runs can have built the same image, and one correct attestation is
 * enough.
 *
 * @throws when there is no correct attestation; the message contains that of `gh` and says what to do
 */
export async function verifyAttestation(expected: ExpectedAttestation) {
  const folder = mkdtempSync(join(tmpdir(), "attestation-"));
  try {
    const file = join(folder, "manifest.json");
    writeFileSync(file, expected.manifest);
    const output = await verify(file, expected);
    const attestations = verified.parse(JSON.parse(output));
    const wrong = attestations.map((attestation) => [...differences(attestation, expected)]);
    if (wrong.every((found) => found.length > 0)) throw new Error(wrong.flat().join("; "));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(
      `GitHub has not attested that ${expected.digest} was built as ${expected.name} by ${WORKFLOW} of ${expected.repository}: ${why}\nOnly an image that the workflow built from ${REF} can be promoted or deployed here. Merge the commit and let the workflow build it.`,
      { cause: error },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function verify(file: string, { repository }: ExpectedAttestation) {
  const args = [
    ["attestation", "verify", file],
    ["--repo", repository],
    ["--signer-workflow", `${repository}/${WORKFLOW}`],
    ["--source-ref", REF],
    ["--deny-self-hosted-runners"],
    ["--format", "json"],
  ].flat();
  try {
    return (await run("gh", args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string };
    if (code === "ENOENT") {
      throw new Error("there is no GitHub CLI in PATH: install gh, and sign in with gh auth login");
    }
    throw new Error(stderr?.trim() || message);
  }
}

/** Checks the answer of `gh` again. `gh` itself has checked all of this except the name. */
function* differences(
  { verificationResult }: z.infer<typeof verified>[number],
  { repository, name, digest }: ExpectedAttestation,
) {
  const { certificate } = verificationResult.signature;
  const { subject } = verificationResult.statement;
  const checks = [
    ["repository", certificate.sourceRepositoryURI, `https://github.com/${repository}`],
    ["branch", certificate.sourceRepositoryRef, REF],
    ["workflow", certificate.buildSignerURI, `https://github.com/${repository}/${WORKFLOW}@${REF}`],
    ["name", subject.map((each) => each.name).join(", "), name],
    ["digest", subject.map((each) => each.digest.sha256).join(", "), digest.replace("sha256:", "")],
  ] as const;
  for (const [what, actual, wanted] of checks) {
    if (actual !== wanted) yield `the ${what} is "${actual}", expected "${wanted}"`;
  }
}

/** @throws when it is not known which repository on GitHub builds the images */
export function attestingRepository(env: NodeJS.ProcessEnv) {
  const { GITHUB_REPOSITORY: repository = "" } = env;
  if (/^[\w.-]+\/[\w.-]+$/.test(repository)) return repository;
  throw new Error(
    `GITHUB_REPOSITORY is "${repository}", expected the <owner>/<name> on GitHub whose workflow builds the images: set it`,
  );
}
