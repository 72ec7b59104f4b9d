import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createApp } from "../../api/app";
import { createMemoryItemRepository } from "../../api/items/store/memory-item-repository";
import { bundleInto } from "./support/bundle";
import { checked } from "./support/conformance";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inventory-docs-"));
  await bundleInto(folder);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function openApi(docsFolder?: string) {
  const app = createApp({
    repository: createMemoryItemRepository(),
    logger: pino({ level: "silent" }),
    stopping: new AbortController().signal,
    docsFolder,
  });
  return checked(app.callback());
}

const built = () => openApi(join(folder, "docs"));

test.each([
  ["/docs", "text/html; charset=utf-8"],
  ["/docs/page.css", "text/css; charset=utf-8"],
  ["/docs/page.js", "text/javascript; charset=utf-8"],
])("%s is served as %s, compressed, and not again to who has it", async (path, type) => {
  const { headers } = await built()
    .get(path)
    .set("Accept-Encoding", "gzip")
    .expect(200)
    .expect("Content-Type", type)
    .expect("Content-Encoding", "gzip")
    .expect("Cache-Control", "no-cache");
  await built().get(path).set("If-None-Match", String(headers.etag)).expect(304);
});

test("the page may load nothing but its own files, run nothing inline and be framed by nobody", async () => {
  const { headers } = await built().get("/docs").expect(200);
  const policy = String(headers["content-security-policy"]).split("; ");
  expect(policy).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
});

test("the page says its title and language, and what to do without JavaScript", async () => {
  const { text } = await built().get("/docs").expect(200);
  expect(text).toContain('<html lang="en">');
  expect(text).toContain("<title>Inventory API</title>");
  expect(text).toMatch(/<noscript>[^]*\/openapi\.json[^]*<\/noscript>/);
});

test("the page names no file that is not served, and none of another host", async () => {
  const { text } = await built().get("/docs").expect(200);
  const addresses = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses).toEqual(["data:,", "/docs/page.css", "/docs/page.js", "/openapi.json"]);
  for (const path of addresses.slice(1)) await built().get(String(path)).expect(200);
});

test("there is nothing else below it", async () => {
  await built().get("/docs/page.html").expect(404);
  await built().get("/docs/..%2fserver.js").expect(404);
});

test.each([
  ["no folder", () => openApi()],
  ["an empty one", () => openApi(folder)],
])("with %s, it says how to build the page", async (_what, open) => {
  for (const path of ["/docs", "/docs/page.css", "/docs/page.js"]) {
    const response = await open().get(path).expect(404);
    expect((response.body as { detail: string }).detail).toContain("npm run build");
  }
});
