import type { Browser, Locator, Page } from "playwright-core";
import { openApiDocument } from "../../api/openapi/document";
import { requestToken, startTokenIssuer } from "../../local/token-issuer";
import { authVariables } from "../../stacks/auth";
import { BundledApi } from "./support/bundled-api";
import { launchChromium } from "./support/chromium";
import { checked } from "../api/support/conformance";

jest.setTimeout(60_000);

let url: string;
let browser: Browser;
let api: BundledApi;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  api = await BundledApi.bundle();
  cleanUps.push(() => api.stop());
  url = await api.start();
  browser = await launchChromium();
  cleanUps.push(() => browser.close());
});

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

/**
 * Opens the page. `faults` collects problems that users do not see and that must not occur: errors,
 * and requests to other hosts.
 */
async function openDocs(origin = url) {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(request.url());
  });
  // Only the page itself is notified of some violations of the policy.
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective))",
  );
  await page.goto(`${origin}/docs`);
  await page.locator(".opblock").first().waitFor();
  return { page, faults };
}

/** Opens an operation of the page in its editable form. */
async function openOperation(page: Page, operationId: string) {
  const operation = page.locator(`[id$="-${operationId}"]`);
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Try it out" }).click();
  return operation;
}

/** The answer that the page shows: status, body and headers. */
async function execute(operation: Locator) {
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table");
  await answer.waitFor();
  return answer.innerText();
}

test("/docs renders every operation of the document, and asks no other host for anything", async () => {
  const { page, faults } = await openDocs();
  expect(await page.title()).toBe("Inventory API");
  const rendered = await page.locator(".opblock-summary-path").allInnerTexts();
  const documented = Object.entries(openApiDocument({ auth: "none" }).paths).flatMap(
    ([path, operations]) => Object.keys(operations).map(() => path),
  );
  expect(rendered.sort()).toEqual(documented.sort());

  for (const operation of await page.locator(".opblock").all()) {
    await operation.locator(".opblock-summary-control").click();
    await operation.locator(".responses-table").waitFor();
  }
  for (const link of await page.locator("a[href]").all()) {
    expect(await link.getAttribute("href")).toMatch(/^[/#]/);
  }
  expect(faults).toEqual([]);
});

test("/docs can try: an item is created, and read again", async () => {
  const { page, faults } = await openDocs();
  const item = { sku: "tried", name: "Ünï 🔩", quantity: 7, unitPrice: "0.35" };
  const create = await openOperation(page, "createItem");
  await create.locator("textarea").fill(JSON.stringify(item));
  const created = await execute(create);
  expect(created).toMatch(/^201/m);
  expect(created).toContain('etag: "1"');

  const id = /location: \/items\/(\S+)/.exec(created)?.[1] ?? "";
  const read = await openOperation(page, "readItem");
  await read.locator("[data-param-name=id] input").fill(id);
  expect(await execute(read)).toContain('"name": "Ünï 🔩"');
  expect((await checked(url).get(`/items/${id}`)).body).toMatchObject(item);
  expect(faults).toEqual([]);
});

test("/docs offers a new item that can be sent as it stands", async () => {
  const { page } = await openDocs();
  expect(await execute(await openOperation(page, "createItem"))).toMatch(/^201/m);
  const listed = await checked(url).get("/items?sku=tea-1");
  expect(listed.body).toMatchObject({ items: [{ name: "Green tea" }] });
});

test("/docs has an Authorize button only where access tokens are asked for, and it lets people in", async () => {
  const { issuer, endpoint, stop } = await startTokenIssuer("inventory");
  cleanUps.push(stop);
  const bearerUrl = await api.start(authVariables(issuer));
  const open = await openDocs();
  expect(await open.page.locator(".btn.authorize").count()).toBe(0);

  const { page, faults } = await openDocs(bearerUrl);
  const list = await openOperation(page, "listItems");
  expect(await execute(list)).toMatch(/^401/m);
  await page.locator(".btn.authorize").click();
  await page.locator("#auth-bearer-value").fill(await requestToken(endpoint, "items:read"));
  await page.locator(".modal-ux .btn.authorize").click();
  await page.locator(".modal-ux .btn-done").click();
  await list.getByRole("button", { name: "Execute" }).click();
  await list.locator(".live-responses-table").getByText('"items": []').waitFor();
  const create = await openOperation(page, "createItem");
  expect(await execute(create)).toContain("The access token lacks the scope items:write.");
  // Chromium itself reports each answer of 401 or 403 as an error.
  expect(faults.filter((fault) => !/status of 40[13]/.test(fault))).toEqual([]);
});
