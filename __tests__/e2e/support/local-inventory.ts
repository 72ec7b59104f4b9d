import { App } from "cdktf";
import type { Network } from "../../../environments/environment";
import { local } from "../../../environments/local";
import { inventory } from "../../../platforms/inventory";
import { addStates } from "../../../stacks";

/** Synthesizes what `npm start` deploys. */
export function synthesizeLocal(network: Network, outdir: string) {
  const app = new App({ outdir });
  addStates(app, { platform: inventory, environment: local(network) });
  app.synth();
}
