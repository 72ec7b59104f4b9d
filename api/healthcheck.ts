/**
 * The container's liveness probe. It exits with 0 when the API answers 200 at `/live`, and with 1
 * otherwise.
 */

const TIMEOUT_MS = 2000;

const { HOST = "0.0.0.0", PORT = "8080" } = process.env;
const host = HOST === "0.0.0.0" ? "127.0.0.1" : HOST;

fetch(`http://${host}:${PORT}/live`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
