import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followPrivateDns } from "../../../local/tasks/private-dns";
import type { PrivateNames } from "../../../local/tasks/service-registries";

let folder: string;
let file: string;
let names: PrivateNames | undefined;
let unsupported: number;
const changes = { count: 0 };
const follow = (supported = true) =>
  followPrivateDns({
    registries: { names: () => Promise.resolve(names) },
    changes,
    file,
    isSupported: () => supported,
    onUnsupported: () => unsupported++,
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "private-dns-"));
  file = join(folder, "hosts");
  unsupported = 0;
});

afterEach(() => rm(folder, { recursive: true }));

test("tasks keep this machine's hosts file while there is no namespace", async () => {
  names = undefined;
  const privateDns = follow();
  await privateDns.refresh();
  expect(privateDns.hostsFile()).toBeUndefined();
});

test("the hosts file follows the registered tasks after each change", async () => {
  names = new Map([["web.shop-dev.local", ["127.1.1.1"]]]);
  const privateDns = follow();
  await privateDns.refresh();
  expect(privateDns.hostsFile()).toBe(file);
  expect(await readFile(file, "utf8")).toContain("127.1.1.1 web.shop-dev.local\n");

  names = new Map([["web.shop-dev.local", ["127.1.1.2"]]]);
  await privateDns.refresh();
  expect(await readFile(file, "utf8")).toContain("127.1.1.1 ");
  changes.count++;
  await privateDns.refresh();
  expect(await readFile(file, "utf8")).toContain("127.1.1.2 web.shop-dev.local\n");
});

test("on a machine without user namespaces, it says once that names do not resolve", async () => {
  names = new Map();
  const privateDns = follow(false);
  for (let round = 0; round < 3; round++) {
    changes.count++;
    await privateDns.refresh();
  }
  expect(privateDns.hostsFile()).toBeUndefined();
  expect(unsupported).toBe(1);
});
