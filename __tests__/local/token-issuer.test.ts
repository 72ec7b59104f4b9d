import { createRemoteJWKSet, jwtVerify } from "jose";
import { requestToken, startTokenIssuer, type TokenIssuer } from "../../local/token-issuer";

let issuer: TokenIssuer;

beforeAll(async () => {
  issuer = await startTokenIssuer("inventory-local");
});

afterAll(() => issuer.stop());

test("a token is verified with the keys that the issuer publishes", async () => {
  const token = await requestToken(issuer, "items:read");
  const keys = createRemoteJWKSet(new URL(issuer.keysUrl));
  const { payload } = await jwtVerify(token, keys, {
    issuer: issuer.url,
    audience: "inventory-local",
    requiredClaims: ["exp", "sub"],
  });
  expect(payload).toMatchObject({ scope: "items:read" });
});

test("there is no token without the secret, which is another one at each start", async () => {
  await expect(requestToken({ ...issuer, secret: "secret" }, "items:read")).rejects.toThrow("401");
  const other = await startTokenIssuer("inventory-local");
  expect(other.secret).not.toBe(issuer.secret);
  await other.stop();
});

test.each([
  ["an Origin", { origin: "http://evil.example" }],
  ["the mark of another site", { "sec-fetch-site": "cross-site" }],
])("a web page gets nothing: %s", async (_, headers) => {
  const response = await fetch(`${issuer.url}/token`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${issuer.secret}` },
    body: new URLSearchParams({ scope: "items:read" }),
  });
  expect(response.status).toBe(403);
  expect(await response.text()).not.toContain("access_token");
});

test("no key is private, and there is nothing else", async () => {
  const keys = await (await fetch(issuer.keysUrl)).text();
  expect(keys).not.toContain('"d"');
  expect((await fetch(`${issuer.url}/other`)).status).toBe(404);
});
