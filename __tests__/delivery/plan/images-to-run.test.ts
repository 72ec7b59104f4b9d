import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateObjects } from "../../../delivery/backend/state-objects";
import type { Images } from "../../../delivery/images/service-images";
import { imagesToRun } from "../../../delivery/plan/images-to-run";
import { isService, readStates, type ServiceState } from "../../../delivery/synthesized/states";
import { platform as inventory } from "../../../platforms/inventory/platform";
import { appOf, someAccount } from "../../support/app";

const outdir = mkdtempSync(join(tmpdir(), "images-to-run-"));
let services: ServiceState[];

beforeAll(() => {
  appOf(inventory, [someAccount], outdir).synth();
  services = readStates(outdir).filter(isService);
});

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

const TAG = "a".repeat(40);
const OTHER = "b".repeat(40);
const PINNED = `${TAG}@sha256:${"0".repeat(64)}`;

/** States whose service was deployed with an image. */
const deployedWith = (image: string) =>
  ({ outputs: () => Promise.resolve({ deployed_image_tag: image }) }) as unknown as StateObjects;

/** Adds a digest to each image. */
const pin = (_: readonly ServiceState[], images: Images): Promise<Images> =>
  Promise.resolve(new Map([...images].map(([service, image]) => [service, `${image}@pinned`])));

const run = (deployed: string, named: readonly (readonly [string, string])[] = []) =>
  imagesToRun(services, new Map(named), deployedWith(deployed), pin).then(Object.fromEntries);

test("a service that keeps its image keeps it as its state has it, with a digest or without", async () => {
  expect(await run(PINNED)).toEqual({ inventory: PINNED });
  // The Terraform CLI can deploy a tag alone.
  expect(await run(TAG)).toEqual({ inventory: TAG });
  expect(await run(TAG, [["inventory", TAG]])).toEqual({ inventory: TAG });
});

test("another image gets its digest", async () => {
  expect(await run(TAG, [["inventory", OTHER]])).toEqual({ inventory: `${OTHER}@pinned` });
  expect(await run(PINNED, [["inventory", TAG]])).toEqual({ inventory: `${TAG}@pinned` });
});
