import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PLACEHOLDER_ACCOUNT } from "../../environments/environment";
import { readBackend } from "../backend";
import { ExistingBackend } from "../existing-backend";
import type { Report, StateReport } from "../report/report";
import { StateObjects } from "../state-objects";
import type { State } from "../states";
import { DEPLOYED, deployedImageTags, headCommit } from "./image-tag";
import { installProvider, planStates } from "./plan-states";

export interface PlanEnvironmentOptions {
  readonly environment: string;
  /** All states of the environment, or those of them that are wanted. */
  readonly states: readonly State[];
  /** @default - what each service was deployed with last, or the commit that is checked out */
  readonly imageTag: string | undefined;
  readonly onPlanned?: (report: StateReport) => void;
}

/** Plans the states of an environment with the AWS, the credentials and the mirror that are set up. */
export async function planEnvironment(options: PlanEnvironmentOptions): Promise<Report> {
  const { environment, states, imageTag, onPlanned } = options;
  const scratch = mkdtempSync(join(tmpdir(), "plan-"));
  try {
    // Side by side, as neither needs the other.
    const [provider, { existing, deployed }] = await Promise.all([
      installProvider(states, scratch),
      whatStands(states, imageTag),
    ]);
    const fallback = imageTag ?? headCommit();
    const reports = await planStates({
      states,
      existing,
      provider,
      scratch,
      environment: ({ name }) => ({
        ...process.env,
        TF_VAR_image_tag: deployed.get(name) ?? fallback,
      }),
      onPlanned,
    });
    return {
      environment,
      imageTag: deployed.size > 0 ? DEPLOYED : fallback,
      states: reports,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The states, and the images that are deployed where none is asked for. */
async function whatStands(states: readonly State[], imageTag: string | undefined) {
  const existing = await existingStates(states);
  const deployed = imageTag ? new Map<string, string>() : await deployedImageTags(states, existing);
  return { existing, deployed };
}

/** The environment's states, or nothing while it has no account or no backend yet. */
export async function existingStates([first]: readonly State[]) {
  if (!first) return undefined;
  const backend = readBackend(first.directory);
  if (backend.allowed_account_ids[0] === PLACEHOLDER_ACCOUNT) return undefined;
  return (await new ExistingBackend(backend).isUsable()) ? new StateObjects(backend) : undefined;
}
