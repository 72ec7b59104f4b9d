import { App } from "cdktf";
import type { Network } from "../../../environments/environment";
import { local } from "../../../environments/local";
import { environmentsIssuer, withAccessTokens } from "../../../local/access-tokens";
import type { TokenIssuer } from "../../../local/token-issuer";
import { inventory } from "../../../platforms/inventory";
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
 * @param tokens whose access tokens are asked for. @default - none are
 */
export function synthesizeLocal(network: Network, outdir: string, tokens?: TokenIssuer) {
  const app = new App({ outdir });
  const environment = local(network, tokens && environmentsIssuer(tokens));
  const platform = tokens ? withAccessTokens(inventory) : inventory;
  const promotesTo = { ...environment, name: "next", account: "222222222222" };
  addStates(app, { platform, environment, promotesTo });
  app.synth();
}
