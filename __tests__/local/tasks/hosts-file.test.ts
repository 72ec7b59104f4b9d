import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  canReplaceHostsFile,
  withHostsFile,
  writeHostsFile,
} from "../../../local/tasks/hosts-file";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hosts-"));
  file = join(folder, "hosts");
});

afterEach(() => rm(folder, { recursive: true }));

const LOCALHOST = "127.0.0.1 localhost\n::1 localhost\n";

test("has a line for each address of each name, and localhost", async () => {
  await writeHostsFile(
    file,
    new Map([
      ["web.shop-dev.local", ["127.1.1.1", "127.1.1.2"]],
      ["gone.shop-dev.local", []],
      ["api.shop-dev.local", ["127.1.1.3"]],
    ]),
  );
  expect(await readFile(file, "utf8")).toBe(
    `${LOCALHOST}127.1.1.1 web.shop-dev.local\n127.1.1.2 web.shop-dev.local\n127.1.1.3 api.shop-dev.local\n`,
  );
});

test("stays the same file when it is written again, also when it gets shorter", async () => {
  await writeHostsFile(file, new Map([["web.shop-dev.local", ["127.1.1.1"]]]));
  const { ino } = await stat(file);
  await writeHostsFile(file, new Map());
  expect(await readFile(file, "utf8")).toBe(LOCALHOST);
  expect((await stat(file)).ino).toBe(ino);
});

// Other systems have no mount namespaces.
const onLinux = process.platform === "linux" ? describe : describe.skip;

onLinux("a program that runs with it", () => {
  const run = (program: string) => {
    const [command, ...args] = withHostsFile(file, [process.execPath, "-e", program]);
    const { status, stdout, stderr, pid } = spawnSync(command, args, { encoding: "utf8" });
    return { status, stdout, stderr, pid };
  };

  test("resolves its names, to all of their addresses", async () => {
    expect(canReplaceHostsFile()).toBe(true);
    await writeHostsFile(file, new Map([["web.shop-dev.local", ["127.1.1.1", "127.1.1.2"]]]));
    const lookup = `require("node:dns").lookup("web.shop-dev.local", { all: true }, (error, found) =>
      console.log(error?.code ?? found.map(({ address }) => address).join(" ")))`;
    expect(run(lookup)).toMatchObject({ status: 0, stdout: "127.1.1.1 127.1.1.2\n" });
    await writeHostsFile(file, new Map());
    expect(run(lookup).stdout).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/m);
  });

  test("keeps its process id, its user and its exit code", async () => {
    await writeHostsFile(file, new Map());
    const { stdout, pid, status } = run(
      "console.log(process.pid, process.getuid()); process.exit(7)",
    );
    expect(stdout).toBe(`${pid} ${process.getuid?.()}\n`);
    expect(status).toBe(7);
  });

  test("leaves the hosts file of this machine as it is", async () => {
    const before = await readFile("/etc/hosts", "utf8");
    await writeHostsFile(file, new Map([["web.shop-dev.local", ["127.1.1.1"]]]));
    expect(run("").status).toBe(0);
    expect(await readFile("/etc/hosts", "utf8")).toBe(before);
  });
});
