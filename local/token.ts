/** `npm run token`: prints an access token for the platform that `npm start -- --auth bearer` runs. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { layoutOf } from "./layout";
import { readRunning } from "./running";
import { requestToken } from "./token-issuer";

const ALL_SCOPES = "items:read items:write";

async function main() {
  const { scope } = parseArgs({
    options: { scope: { type: "string", default: ALL_SCOPES } },
  }).values;
  const running = readRunning(layoutOf(join(__dirname, "..", ".local")).running);
  if (!running?.tokenEndpoint) {
    throw new Error(
      "No local platform that requires access tokens is running. Start one: npm start -- --auth bearer",
    );
  }
  console.log(await requestToken(running.tokenEndpoint, scope));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
