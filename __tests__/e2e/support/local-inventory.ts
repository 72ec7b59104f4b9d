import { App } from "cdktf";
import type { Network } from "../../../environments/environment";
import { local } from "../../../environments/local";
import { inventory } from "../../../platforms/inventory";
import { addStates } from "../../../stacks";

/** Day-0 of what `npm start` deploys: parameters of foundation/delivery.yaml. */
export const LOCAL_DELIVERY = {
  Platform: inventory.name,
  Environment: "local",
  Protected: "false",
} as const;

/** Synthesizes what `npm start` deploys, and that an environment in another account follows it. */
export function synthesizeLocal(network: Network, outdir: string) {
  const app = new App({ outdir });
  const environment = local(network);
  const promotesTo = { ...environment, name: "next", account: "222222222222" };
  addStates(app, { platform: inventory, environment, promotesTo });
  app.synth();
}
