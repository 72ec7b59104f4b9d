import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { refusalOfPage } from "./web-pages";

const ALGORITHM = "ES256";
const KEY_ID = "local";
const LIFETIME_SECONDS = 3600;

/** Where access tokens are to be had, and with what. */
export interface TokenEndpoint {
  /** The issuer's URL: the `iss` of its tokens. */
  readonly url: string;
  /** Whoever has it gets any token. It is another one at each start. */
  readonly secret: string;
}

export interface TokenIssuer extends TokenEndpoint {
  /** The `aud` of its tokens. */
  readonly audience: string;
  /** The URL of its public keys. */
  readonly keysUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts an issuer of access tokens to try a service with that asks for them. It plays the one
 * endpoint of an OAuth 2.0 server that is needed for that, the client credentials grant, and serves its
 * owner only, like every other server here.
 */
export async function startTokenIssuer(audience: string): Promise<TokenIssuer> {
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
    url,
    secret,
    audience,
    keysUrl: `${url}/keys`,
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

/** An access token with these scopes. @throws Error when the issuer does not give one */
export async function requestToken({ url, secret }: TokenEndpoint, scope: string): Promise<string> {
  const response = await fetch(`${url}/token`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope }),
  });
  if (!response.ok) throw new Error(`The local issuer answered ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}
