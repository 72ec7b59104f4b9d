import { createRemoteJWKSet, jwtVerify } from "jose";
import { requestToken, startTokenIssuer, type RunningTokenIssuer } from "../../local/token-issuer";

let tokens: RunningTokenIssuer;
let keysUrl: URL;

beforeAll(async () => {
  tokens = await startTokenIssuer("inventory-local");
  keysUrl = new URL("/keys", tokens.endpoint.url);
});

afterAll(() => tokens.stop());

test("a token is verified with the keys that the issuer publishes", async () => {
  const token = await requestToken(tokens.endpoint, "items:read");
  const keys = createRemoteJWKSet(keysUrl);
  const { payload } = await jwtVerify(token, keys, {
    issuer: tokens.issuer.issuer,
    audience: "inventory-local",
    requiredClaims: ["exp", "sub"],
  });
  expect(payload).toMatchObject({ scope: "items:read" });
  expect(tokens.issuer.keys).toEqual({ kind: "url", url: keysUrl.href });
});

test("there is no token without the secret, which is another one at each start", async () => {
  await expect(
    requestToken({ ...tokens.endpoint, secret: "secret" }, "items:read"),
  ).rejects.toThrow("401");
  const other = await startTokenIssuer("inventory-local");
  expect(other.endpoint.secret).not.toBe(tokens.endpoint.secret);
  await other.stop();
});

test.each([
  ["an Origin", { origin: "http://evil.example" }],
  ["the mark of another site", { "sec-fetch-site": "cross-site" }],
])("a web page gets nothing: %s", async (_, headers) => {
  const response = await fetch(tokens.endpoint.url, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${tokens.endpoint.secret}` },
    body: new URLSearchParams({ scope: "items:read" }),
  });
  expect(response.status).toBe(403);
  expect(await response.text()).not.toContain("access_token");
});

test("no key is private, and there is nothing else", async () => {
  const keys = await (await fetch(keysUrl)).text();
  expect(keys).not.toContain('"d"');
  expect((await fetch(new URL("/other", keysUrl))).status).toBe(404);
});
