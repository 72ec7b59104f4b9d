import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasPlaceholderAccount, readBackend } from "../synthesized/config";
import { ExistingBackend } from "../backend/existing-backend";
import { pinImagesThatExist } from "../images/pin-images";
import type { Images } from "../images/service-images";
import type { Report, StateReport } from "../report/report";
import { StateObjects } from "../backend/state-objects";
import { isService, type ServiceState, type State } from "../synthesized/states";
import { installProvider } from "../terraform/provider";
import { imagesToRun } from "./images-to-run";
import { planStates } from "./plan-states";

export interface PlanEnvironmentOptions {
  readonly environment: string;
  /** The states to plan: all of the environment, or some of them. */
  readonly states: readonly State[];
  /** The images that the user named. `imagesToRun` chooses those of the other services. */
  readonly images: Images;
  readonly onPlanned?: (report: StateReport) => void;
}

/** Plans the states of an environment, with the endpoint, the credentials and the mirror in `process.env`. */
export async function planEnvironment(options: PlanEnvironmentOptions): Promise<Report> {
  const { environment, states, onPlanned } = options;
  const scratch = mkdtempSync(join(tmpdir(), "plan-"));
  try {
    // These run at the same time, because neither needs the result of the other.
    const provider = join(scratch, "provider");
    const [{ existing, images }] = await Promise.all([
      whatStands(states, options.images),
      installProvider(provider),
    ]);
    const reports = await planStates({
      states,
      existing,
      provider,
      scratch,
      env: (state) => ({ ...process.env, ...imageVariable(state, images) }),
      onPlanned,
    });
    return { environment, images: Object.fromEntries(images), states: reports };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The states that exist, and the image of each service, with its digest where the image is in the repository. */
async function whatStands(states: readonly State[], named: Images) {
  const services = states.filter(isService);
  const existing = await existingStates(states);
  const pin = existing ? pinImagesThatExist : asGiven;
  return { existing, images: await imagesToRun(services, named, existing, pin) };
}

/** Returns the images without digests, because without a backend there is no repository to ask. */
const asGiven = (_: readonly ServiceState[], images: Images) => Promise.resolve(images);

/** The variable that tells the state of a service which image to run. */
export function imageVariable(state: State, images: Images): Readonly<Record<string, string>> {
  const image = isService(state) ? images.get(state.service) : undefined;
  return image === undefined ? {} : { TF_VAR_image_tag: image };
}

/** The environment's states; `undefined` while it has no account or no backend yet. */
export async function existingStates([first]: readonly State[]) {
  if (!first) return undefined;
  if (hasPlaceholderAccount(first)) return undefined;
  const backend = readBackend(first.directory);
  return (await new ExistingBackend(backend).isUsable()) ? new StateObjects(backend) : undefined;
}
