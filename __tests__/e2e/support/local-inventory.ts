import { App } from "cdktf";
import type { Network } from "../../../model/network";
import type { TokenIssuer } from "../../../model/token-issuer";
import { local } from "../../../environments/local";
import { withAccessTokens } from "../../../local/access-tokens";
import { platform as inventory } from "../../../platforms/inventory/platform";
import { addStates } from "../../../stacks";

/** Day-0 of what `npm start` deploys: parameters of foundation/delivery.yaml. */
export const LOCAL_DELIVERY = {
  Platform: inventory.name,
  Environment: "local",
  Protected: "false",
} as const;

/**
 * Synthesizes what `npm start` deploys, and that an environment in another account follows it.
 *
 * @param tokenIssuer whose access tokens are asked for. @default - none are
 */
export function synthesizeLocal(network: Network, outdir: string, tokenIssuer?: TokenIssuer) {
  const app = new App({ outdir });
  const environment = local(network, tokenIssuer);
  const platform = tokenIssuer ? withAccessTokens(inventory) : inventory;
  const promotesTo = { ...environment, name: "next", account: "222222222222" };
  addStates(app, { platform, environment, promotesTo });
  app.synth();
}
