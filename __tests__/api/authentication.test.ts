import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from "jose";
import { createTokenVerifier } from "../../api/auth/token-verifier";
import { createMemoryItemRepository } from "../../api/items/store/memory-item-repository";
import { bolt } from "./behaviours/store";
import { createTestApp } from "./support/test-app";

const issuer = "https://login.example/";
const audience = "https://inventory.example";

interface Key {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

async function createKey(kid: string, alg = "ES256"): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

let key: Key;
let other: Key;

beforeAll(async () => {
  key = await createKey("1");
  other = await createKey("2");
});

interface TokenOptions {
  readonly claims?: Record<string, unknown>;
  readonly signedWith?: Key;
  /** The key id in the token's header. @default - the id of the key that signs */
  readonly kid?: string;
}

/** A token that is accepted, except for the given options. */
function token({ claims = {}, signedWith = key, kid = signedWith.jwk.kid }: TokenOptions = {}) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: issuer,
    aud: audience,
    sub: "someone",
    exp: now + 60,
    scope: "items:read items:write",
    ...claims,
  })
    .setProtectedHeader({ alg: "ES256", ...(kid !== undefined && { kid }) })
    .sign(signedWith.privateKey);
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const withKeys = (...keys: JWK[]) =>
  createTestApp(
    createMemoryItemRepository(),
    createTokenVerifier({ issuer, audience, keys: { keys } }),
  );

describe("a request without an accepted access token gets 401 and a challenge", () => {
  const REFUSED: readonly (readonly [string, () => string | Promise<string>, RegExp])[] = [
    ["none", () => "", /no access token/],
    ["other credentials", () => "Basic dXNlcjpwYXNzd29yZA==", /no access token/],
    ["no token after Bearer", () => "Bearer ", /no access token/],
    ["more than a token", () => "Bearer a b", /no access token/],
    ["one that is none", () => "Bearer abc", /not a signed JSON Web Token/],
    [
      "an expired one",
      async () => `Bearer ${await token({ claims: { exp: inSeconds(-60) } })}`,
      /expired/,
    ],
    [
      "one without an end",
      async () => `Bearer ${await token({ claims: { exp: undefined } })}`,
      /"exp"/,
    ],
    [
      "one for later",
      async () => `Bearer ${await token({ claims: { nbf: inSeconds(60) } })}`,
      /not valid yet/,
    ],
    [
      "one without a subject",
      async () => `Bearer ${await token({ claims: { sub: undefined } })}`,
      /"sub"/,
    ],
    [
      "another issuer's",
      async () => `Bearer ${await token({ claims: { iss: "https://evil.example/" } })}`,
      /issuer/,
    ],
    [
      "another API's",
      async () => `Bearer ${await token({ claims: { aud: "https://other.example" } })}`,
      /not for this API/,
    ],
    [
      "one signed with an unknown key",
      async () => `Bearer ${await token({ signedWith: other })}`,
      /key that is not known/,
    ],
    [
      "one signed with another key under a known name",
      async () => `Bearer ${await token({ signedWith: other, kid: "1" })}`,
      /wrong signature/,
    ],
    ["an unsigned one", () => `Bearer ${unsigned()}`, /not a signed JSON Web Token/],
    [
      "one signed with the public key as a secret",
      async () => `Bearer ${await forged()}`,
      /not a signed JSON Web Token/,
    ],
  ];

  const unsigned = () =>
    new UnsecuredJWT({ iss: issuer, aud: audience, sub: "someone", exp: inSeconds(60) }).encode();

  /** An attack on verifiers that let the token choose between a signature and HMAC. */
  const forged = () =>
    new SignJWT({ scope: "items:read", sub: "someone" })
      .setProtectedHeader({ alg: "HS256", kid: "1" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime("1m")
      .sign(new TextEncoder().encode(JSON.stringify(key.jwk)));

  test.each(REFUSED)("%s", async (_, authorization, reason) => {
    const { api } = withKeys(key.jwk);
    const response = await api.get("/items").set("Authorization", await authorization());
    expect(response.status).toBe(401);
    expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect((response.body as { detail: string }).detail).toMatch(reason);
    expect(response.headers["www-authenticate"]).toMatch(/^Bearer realm="inventory"/);
    const hadToken = !/no access token/.test(response.text);
    expect(/error="invalid_token"/.test(String(response.headers["www-authenticate"]))).toBe(
      hadToken,
    );
  });
});

describe("the scope", () => {
  const CALLS = [
    ["get", "/items", "items:read"],
    ["head", "/items", "items:read"],
    ["get", "/items/5014139b-dffd-4cad-a2ca-4eb3e4fafe2e", "items:read"],
    ["post", "/items", "items:write"],
    ["patch", "/items/5014139b-dffd-4cad-a2ca-4eb3e4fafe2e", "items:write"],
    ["delete", "/items/5014139b-dffd-4cad-a2ca-4eb3e4fafe2e", "items:write"],
    ["post", "/items/5014139b-dffd-4cad-a2ca-4eb3e4fafe2e/adjustments", "items:write"],
  ] as const;
  const otherOf = (scope: string) => (scope === "items:read" ? "items:write" : "items:read");

  test.each(CALLS)("%s %s needs %3$s and no other", async (method, path, scope) => {
    const { api } = withKeys(key.jwk);
    const wrong = await token({ claims: { scope: `${otherOf(scope)} items` } });
    const refused = await api[method](path).set("Authorization", `Bearer ${wrong}`);
    expect(refused.status).toBe(403);
    expect(refused.headers["www-authenticate"]).toBe(
      `Bearer realm="inventory", error="insufficient_scope", scope="${scope}"`,
    );
    const right = await token({ claims: { scope } });
    const { status } = await api[method](path).set("authorization", `bearer ${right}`);
    expect([401, 403]).not.toContain(status);
  });

  test.each([
    ["a text in scope", { scope: "openid items:read" }, 200],
    ["a list in scp", { scope: undefined, scp: ["items:read"] }, 200],
    ["a text in scp", { scope: undefined, scp: "items:read profile" }, 200],
    ["a longer name", { scope: "items:readable" }, 403],
    ["no scope", { scope: undefined }, 403],
    ["a scope of another type", { scope: { "items:read": true } }, 403],
  ])("can be %s", async (_, claims, status) => {
    const { api } = withKeys(key.jwk);
    await api
      .get("/items")
      .set("Authorization", `Bearer ${await token({ claims })}`)
      .expect(status);
  });
});

test("health checks, the docs and unknown paths need no token", async () => {
  const { api } = withKeys(key.jwk);
  await api.get("/health").expect(200);
  await api.get("/live").expect(200);
  await api.get("/openapi.json").expect(200);
  await api.options("/items").expect(200);
  await api.put("/items").expect(405);
  await api.get("/nothing").expect(404);
});

test("a body is not read for a request without a token", async () => {
  const { api } = withKeys(key.jwk);
  await api.post("/items").set("Content-Type", "application/json").send("{").expect(401);
});

test("the log contains the subject of a token, but not the token", async () => {
  const { api, log } = withKeys(key.jwk);
  const given = await token({ claims: { sub: "alice" } });
  await api.get("/items").set("Authorization", `Bearer ${given}`).expect(200);
  expect(log.at(-1)).toMatchObject({ subject: "alice", status: 200 });
  expect(JSON.stringify(log)).not.toContain(given);
});

test("an Idempotency-Key belongs to the client that the token was given to", async () => {
  const { api } = withKeys(key.jwk);
  const create = async (sub: string, sku: string) =>
    api
      .post("/items")
      .set("Authorization", `Bearer ${await token({ claims: { sub } })}`)
      .set("Idempotency-Key", "first")
      .send({ ...bolt, sku });
  const alices = await create("alice", "A");
  expect((await create("alice", "A")).body).toEqual(alices.body);
  expect((await create("bob", "B")).body).toMatchObject({ sku: "B" });
});

describe("keys at a URL", () => {
  let server: Server;
  let keys: JWK[];
  let reads = 0;
  let isDown = false;

  beforeEach(async () => {
    reads = 0;
    isDown = false;
    keys = [key.jwk];
    server = createServer((_request, response) => {
      reads += 1;
      response.statusCode = isDown ? 503 : 200;
      response.end(JSON.stringify({ keys }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const appOfUrl = () => {
    const { port } = server.address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}/keys`);
    return createTestApp(
      createMemoryItemRepository(),
      createTokenVerifier({ issuer, audience, keys: url }),
    );
  };

  test("are read once for many requests, and not again for each unknown key", async () => {
    const { api } = appOfUrl();
    const get = async (options?: TokenOptions) =>
      (await api.get("/items").set("Authorization", `Bearer ${await token(options)}`)).status;
    expect(await Promise.all(Array.from({ length: 5 }, () => get()))).toEqual(Array(5).fill(200));
    expect(await get()).toBe(200);
    for (let i = 0; i < 5; i++) expect(await get({ signedWith: other })).toBe(401);
    expect(reads).toBe(1);
  });

  test.each([
    ["answer 503", () => (isDown = true)],
    ["cannot be reached", () => server.close()],
  ])("that %s are no fault of the token: 503 and when to come again", async (_, breakIt) => {
    const { api, log } = appOfUrl();
    breakIt();
    const sent = await token();
    const response = await api.get("/items").set("Authorization", `Bearer ${sent}`);
    expect(response.status).toBe(503);
    expect(response.headers["retry-after"]).toMatch(/^\d+$/);
    expect(log.at(-1)).toMatchObject({
      err: { message: expect.stringMatching(/^The issuer's keys cannot be read/) as string },
    });
    await api.get("/health").expect(200);
  });
});
