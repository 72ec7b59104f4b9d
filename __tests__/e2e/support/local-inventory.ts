import { App } from "cdktf";
import type { Network } from "../../../model/network";
import type { TokenIssuer } from "../../../model/token-issuer";
import { local } from "../../../environments/local";
import { withAccessTokens } from "../../../local/access-tokens";
import { platform as inventory } from "../../../platforms/inventory/platform";
import { addStates } from "../../../stacks";

/** The Day-0 parameters of foundation/delivery.yaml for the platform that `npm start` deploys. */
export const LOCAL_DELIVERY = {
  Platform: inventory.name,
  Environment: "local",
  Protected: "false",
} as const;

/**
 * Synthesizes the states that `npm start` deploys, followed by an environment in another account.
 *
 * @param tokenIssuer the issuer of the required access tokens. @default - no tokens are required
 */
export function synthesizeLocal(network: Network, outdir: string, tokenIssuer?: TokenIssuer) {
  const app = new App({ outdir });
  const environment = local(network, tokenIssuer);
  const platform = tokenIssuer ? withAccessTokens(inventory) : inventory;
  const promotesTo = { ...environment, name: "next", account: "222222222222" };
  addStates(app, { platform, environment, promotesTo });
  app.synth();
}
