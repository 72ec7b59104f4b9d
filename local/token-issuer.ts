import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { TokenIssuer } from "../model/token-issuer";
import { refusalOfPage } from "./web-pages";

const ALGORITHM = "ES256";
const KEY_ID = "local";
const LIFETIME_SECONDS = 3600;

/** The token endpoint (RFC 6749) of the local issuer. */
export interface TokenEndpoint {
  readonly url: string;
  /** The secret of the only client, which may request any scope. Each start generates a new secret. */
  readonly secret: string;
}

export interface RunningTokenIssuer {
  /** The issuer in the form that an environment takes. */
  readonly issuer: TokenIssuer;
  readonly endpoint: TokenEndpoint;
  readonly stop: () => Promise<void>;
}

/**
 * Starts an OAuth 2.0 server on this machine, for trying services that require access tokens. It offers only the
 * client credentials grant and the public keys. Like every other server of the local AWS, it serves only the user
 * who started it.
 *
 * @param audience the `aud` claim of its tokens
 */
export async function startTokenIssuer(audience: string): Promise<RunningTokenIssuer> {
  const secret = randomBytes(32).toString("base64url");
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const keys = [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: ALGORITHM, use: "sig" }];

  const sign = (scope: string) =>
    new SignJWT({ scope })
      .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: "at+jwt" })
      .setIssuer(url)
      .setAudience(audience)
      .setSubject("local-user")
      .setIssuedAt()
      .setExpirationTime(`${LIFETIME_SECONDS}s`)
      .sign(privateKey);

  const answer = async (request: IncomingMessage): Promise<[status: number, body: object]> => {
    const refusal = refusalOfPage(request, new URL(url).host);
    if (refusal !== undefined) return [403, { error: refusal }];
    const route = `${request.method ?? ""} ${request.url ?? ""}`;
    if (route === "GET /keys") return [200, { keys }];
    if (route !== "POST /token") return [404, { error: "not_found" }];
    if (request.headers.authorization !== `Bearer ${secret}`) {
      return [401, { error: "invalid_client" }];
    }
    const scope = new URLSearchParams(await text(request)).get("scope") ?? "";
    const body = { access_token: await sign(scope), token_type: "Bearer", scope };
    return [200, { ...body, expires_in: LIFETIME_SECONDS }];
  };
  const server = createServer((request, response) => {
    answer(request).then(
      ([status, body]) => {
        respond(response, status, body);
      },
      (error: unknown) => {
        respond(response, 500, { error: String(error) });
      },
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer: { issuer: url, audience, keys: { kind: "url", url: `${url}/keys` } },
    endpoint: { url: `${url}/token`, secret },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function respond(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(body));
}

/** Requests an access token with these scopes. @throws Error when the issuer refuses */
export async function requestToken({ url, secret }: TokenEndpoint, scope: string): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope }),
  });
  if (!response.ok) throw new Error(`The local issuer answered ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
