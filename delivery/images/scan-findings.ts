import { setTimeout } from "node:timers/promises";
import {
  DescribeImageScanFindingsCommand,
  type DescribeImageScanFindingsCommandOutput,
  ECRClient,
  type EnhancedImageScanFinding,
  type ImageScanFinding,
} from "@aws-sdk/client-ecr";
import type { RepositoryAddress } from "./ecr-repository";
import type { ScanException } from "./scan-exceptions";

/** A critical finding that has a fix, or may have one. */
export interface CriticalFinding {
  /** Such as `CVE-2026-12345`. */
  readonly name: string;
  /** The package that has the finding, and the version that fixes it, for a message. */
  readonly description: string;
}

export interface ScanOptions {
  readonly repository: RepositoryAddress;
  /** The digest of an image. It cannot be that of an index, because ECR scans images only. */
  readonly imageDigest: string;
  /** How long to wait for a running scan. @default 300 */
  readonly timeoutSeconds?: number;
}

const POLL_MS = 2000;
/** The status of a scan that has not ended yet. */
const RUNNING = ["IN_PROGRESS", "PENDING"];
/** A basic scan ends as COMPLETE. An enhanced scan stays ACTIVE as long as the image exists. */
const DONE = ["COMPLETE", "ACTIVE"];

/**
 * The critical findings of ECR's scan of an image.
 *
 * @throws when there is no finished scan; the message says what to do
 */
export async function criticalFindings(options: ScanOptions): Promise<CriticalFinding[]> {
  const { repository, imageDigest, timeoutSeconds = 300 } = options;
  const { registryId, region, repositoryName } = repository;
  const ecr = new ECRClient({ region });
  const deadline = Date.now() + timeoutSeconds * 1000;
  const image = `${repositoryName}@${imageDigest}`;
  try {
    const describe = (nextToken?: string) =>
      ecr.send(
        new DescribeImageScanFindingsCommand({
          registryId,
          repositoryName,
          imageId: { imageDigest },
          nextToken,
        }),
      );
    let page = await describe().catch(notScanned(image));
    while (RUNNING.includes(page.imageScanStatus?.status ?? "") && Date.now() < deadline) {
      await setTimeout(POLL_MS);
      page = await describe().catch(notScanned(image));
    }
    refuseUnfinished(image, page);
    const findings = criticalIn(page);
    while (page.nextToken !== undefined) {
      page = await describe(page.nextToken);
      findings.push(...criticalIn(page));
    }
    return findings;
  } finally {
    ecr.destroy();
  }
}

const notScanned = (image: string) => (error: unknown) => {
  if ((error as Error).name !== "ScanNotFoundException") throw error;
  throw new Error(`ECR has not scanned ${image}. ${nextStep(image)}`, { cause: error });
};

function refuseUnfinished(
  image: string,
  { imageScanStatus }: DescribeImageScanFindingsCommandOutput,
) {
  const { status = "unknown", description = "" } = imageScanStatus ?? {};
  if (DONE.includes(status)) return;
  throw new Error(
    `ECR's scan of ${image} is ${status}, expected ${DONE.join(" or ")}: ${description || "ECR gives no reason"}. ${nextStep(image)}`,
  );
}

function nextStep(image: string) {
  const [repository = "", digest = ""] = image.split("@");
  return `Start one, wait for it, and deploy again: aws ecr start-image-scan --repository-name ${repository} --image-id imageDigest=${digest}`;
}

function criticalIn({ imageScanFindings }: DescribeImageScanFindingsCommandOutput) {
  const { findings = [], enhancedFindings = [] } = imageScanFindings ?? {};
  return [...findings.flatMap(basic), ...enhancedFindings.flatMap(enhanced)];
}

/** A basic scan does not say whether a finding has a fix, so every critical finding counts as having one. */
function basic({ name = "", severity, attributes = [] }: ImageScanFinding): CriticalFinding[] {
  if (severity !== "CRITICAL") return [];
  const attribute = (key: string) => attributes.find((each) => each.key === key)?.value ?? "?";
  const description = `${attribute("package_name")} ${attribute("package_version")}`;
  return [{ name, description }];
}

function enhanced(finding: EnhancedImageScanFinding): CriticalFinding[] {
  const { severity, fixAvailable, packageVulnerabilityDetails, title = "" } = finding;
  if (severity !== "CRITICAL" || fixAvailable === "NO") return [];
  const { vulnerabilityId = title, vulnerablePackages = [] } = packageVulnerabilityDetails ?? {};
  const packages = vulnerablePackages.map(
    ({ name = "?", version = "?", fixedInVersion = "?" }) =>
      `${name} ${version}, fixed in ${fixedInVersion}`,
  );
  return [{ name: vulnerabilityId, description: packages.join("; ") || title }];
}

/**
 * Returns a line of a message for each finding that no exception covers.
 *
 * @param today such as `2026-11-26`, in UTC
 */
export function refused(
  findings: readonly CriticalFinding[],
  exceptions: readonly ScanException[],
  today: string,
): string[] {
  return findings.flatMap(({ name, description }) => {
    const exception = exceptions.find(({ finding }) => finding === name);
    if (exception && exception.until >= today) return [];
    const expired = exception ? ` (its exception ended on ${exception.until})` : "";
    return [`${name}: ${description}${expired}`];
  });
}
