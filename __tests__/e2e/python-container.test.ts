import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { envOf } from "../../local/images/dockerfile";
import { buildImage, type Image } from "../../local/images/image";
import {
  containerCommand,
  readImageConfig,
  startContainer,
  type Container,
} from "../../local/tasks/container";
import {
  findAddress,
  listenerEnv,
  type Addressing,
  type TaskAddress,
} from "../../local/tasks/task-address";
import { isAlive } from "./support/processes";
import { WHOLE_FOLDER } from "./support/test-image";
import { waitUntil } from "./support/wait-until";

jest.setTimeout(180_000);

const CONTAINER_PORT = 5000;

let directory: string;
let image: Image;
const started: StartedContainer[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "python-container-"));
  image = await build("examples/flask/app");
});

afterEach(() => Promise.all(started.splice(0).map(({ container }) => container.stop(0))));

afterAll(() => rm(directory, { recursive: true, force: true }));

const build = (root: string) =>
  buildImage({ root, source: WHOLE_FOLDER, imagesDirectory: join(directory, "images") });

interface StartedContainer {
  readonly container: Container;
  readonly address: TaskAddress;
  /** All that the container has written. */
  readonly output: () => string;
}

interface Start {
  readonly imageDirectory?: string;
  readonly addressing?: Addressing;
  readonly memoryLimitMiB?: number;
}

/** Starts a container of an image as the task runner does. */
async function start(options: Start = {}): Promise<StartedContainer> {
  const { imageDirectory = image.directory, addressing = "own-address", memoryLimitMiB } = options;
  const config = await readImageConfig(imageDirectory);
  const address = await findAddress(addressing, CONTAINER_PORT);
  const container = await startContainer({
    imageDirectory,
    workingDirectory: config.WorkingDir,
    command: containerCommand({}, config),
    environment: { ...envOf(config), ...listenerEnv(address, CONTAINER_PORT) },
    memoryLimitMiB,
  });
  let output = "";
  for (const stream of [container.stdout, container.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const running = { container, address, output: () => output };
  started.push(running);
  return running;
}

async function startServing(options: Start = {}): Promise<StartedContainer> {
  const running = await start(options);
  await waitUntil("it answers", () => get(running, "/health")).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.output()}`);
  });
  return running;
}

async function get({ address }: StartedContainer, path: string) {
  const response = await fetch(`http://${address.host}:${address.port}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The processes of gunicorn's workers that its log names. */
const workers = ({ output }: StartedContainer) =>
  [...output().matchAll(/Booting worker with pid: (\d+)/g)].map(([, pid]) => Number(pid));

/** The image with another `app.py`. */
async function withApp(name: string, app: string): Promise<string> {
  const imageDirectory = join(directory, name);
  await cp(image.directory, imageDirectory, { recursive: true, verbatimSymlinks: true });
  await writeFile(join(imageDirectory, "rootfs/app/app.py"), app);
  return imageDirectory;
}

describe("the image of examples/flask", () => {
  test("serves / and /health with two workers, and writes a line of JSON for each request", async () => {
    const running = await startServing();
    expect(await get(running, "/")).toMatchObject({
      status: 200,
      body: { message: "Hello from Flask" },
    });
    expect(await get(running, "/health")).toEqual({ status: 200, body: { status: "ok" } });
    await waitUntil("two workers", () => workers(running).length === 2);
    expect(workers(running).every(isAlive)).toBe(true);
    // gunicorn writes the line after it has answered.
    const line = await waitUntil(
      "the line of the request",
      () => /^.*"path": "\/".*}$/m.exec(running.output())?.[0],
    );
    expect(JSON.parse(line)).toMatchObject({ method: "GET", path: "/", status: 200 });
  });

  test("has a health check that reaches the container, and fails without an answer", async () => {
    const running = await startServing();
    const check = () => running.container.execute(["python", "healthcheck.py"], 5000);
    expect(await check()).toBe(true);
    const broken = await withApp("unhealthy", 'from flask import Flask\napp = Flask("a")\n');
    const unhealthy = await start({ imageDirectory: broken });
    await waitUntil("it answers 404", () => fetch(`http://${unhealthy.address.host}:5000/health`));
    expect(await unhealthy.container.execute(["python", "healthcheck.py"], 5000)).toBe(false);
  });

  test("starts another worker in the place of one that was killed", async () => {
    const running = await startServing();
    await waitUntil("two workers", () => workers(running).length === 2);
    const [first = 0] = workers(running);
    process.kill(first, "SIGKILL");
    await waitUntil("a third worker", () => workers(running).length === 3);
    const [, , third = 0] = workers(running);
    expect(isAlive(first)).toBe(false);
    expect(isAlive(third)).toBe(true);
    expect(await get(running, "/health")).toMatchObject({ status: 200 });
  });

  test("is built twice to the same digest, and its tasks do not change its files", async () => {
    await startServing();
    expect((await build("examples/flask/app")).digest).toBe(image.digest);
    const files = await readdir(join(image.directory, "rootfs"), { recursive: true });
    expect(files).toContain("usr/local/lib/python3.14/site-packages/flask/app.py");
    expect(files.filter((file) => file.includes("__pycache__"))).toEqual([]);
    expect((await readdir(join(image.directory, "rootfs/app"))).sort()).toEqual(
      ["app.py", "gunicorn.conf.py", "healthcheck.py", "requirements.txt"].sort(),
    );
  });
});

describe("several containers of one image", () => {
  test("listen on the container's port, each on an address of its own", async () => {
    const running = await Promise.all([startServing(), startServing()]);
    expect(running.map(({ address }) => address.port)).toEqual([CONTAINER_PORT, CONTAINER_PORT]);
    const answers = await Promise.all(running.map((one) => get(one, "/")));
    const [first, second] = answers.map(({ body }) => body.process as number);
    expect(workers(running[0])).toContain(first);
    expect(workers(running[1])).toContain(second);
  });

  test("listen on ports of their own where they share one address, as on macOS", async () => {
    const running = await Promise.all([
      startServing({ addressing: "own-port" }),
      startServing({ addressing: "own-port" }),
    ]);
    for (const { address, container } of running) {
      expect(address.host).toBe("127.0.0.1");
      expect(await container.execute(["python", "healthcheck.py"], 5000)).toBe(true);
    }
    expect(running[0].address.port).not.toBe(running[1].address.port);
  });
});

const MISBEHAVING = `
import time
from flask import Flask, jsonify

app = Flask("misbehaving")
hoard = []

@app.get("/health")
def health():
    return jsonify(status="ok")

@app.get("/slow")
def slow():
    print("slow", flush=True)
    time.sleep(2)
    return jsonify(slow=True)

@app.get("/hoard")
def take():
    hoard.append(bytearray(400 * 1024 * 1024))
    return jsonify(taken=True)
`;

describe("a container", () => {
  test("that is stopped ends its requests first, and its workers end with it", async () => {
    const imageDirectory = await withApp("slow", MISBEHAVING);
    const running = await startServing({ imageDirectory });
    const slow = get(running, "/slow");
    await waitUntil("the request has arrived", () => running.output().includes("slow"));
    await running.container.stop(20_000);
    expect(await slow).toEqual({ status: 200, body: { slow: true } });
    expect(await running.container.exited).toMatchObject({ exitCode: 0 });
    expect(running.output()).toContain("Shutting down: Master");
    expect(workers(running).filter(isAlive)).toEqual([]);
  });

  test("whose worker takes more memory than the limit is killed as out of memory", async () => {
    const imageDirectory = await withApp("hoard", MISBEHAVING);
    const running = await startServing({ imageDirectory, memoryLimitMiB: 256 });
    await get(running, "/hoard").catch(() => undefined);
    expect(await running.container.exited).toEqual({
      exitCode: 137,
      reason: "OutOfMemoryError: Container killed due to memory usage",
    });
    await waitUntil("its workers have ended", () => !workers(running).some(isAlive));
  });

  test("whose program fails at import ends with gunicorn's exit code, and says why", async () => {
    const imageDirectory = await withApp("broken", 'raise ValueError("no configuration")\n');
    const { container, output } = await start({ imageDirectory });
    // gunicorn ends with 3. When its second worker fails while it is already stopping, it ends with 1
    // (HaltServer is raised again in `Arbiter.halt`).
    const { exitCode } = await container.exited;
    expect([1, 3]).toContain(exitCode);
    expect(output()).toContain("ValueError: no configuration");
    expect(output()).toContain("Worker failed to boot");
  });

  test("does not have the packages of this machine", async () => {
    const { container } = await startServing();
    expect(await container.execute(["python", "-c", "import flask"], 10_000)).toBe(true);
    // Each machine that builds the image has pip.
    expect(await container.execute(["python", "-c", "import pip"], 10_000)).toBe(false);
  });
});

test("packages in a folder of their own, a second stage and a command in shell form", async () => {
  const context = join(directory, "context");
  await mkdir(context);
  await writeFile(join(context, "requirements.txt"), "itsdangerous==2.2.0\n");
  await writeFile(
    join(context, "main.py"),
    "import sys, itsdangerous\nprint(itsdangerous.__file__, sys.argv)\n",
  );
  await writeFile(
    join(context, "Dockerfile"),
    `FROM python:3.14-slim AS packages
COPY requirements.txt /tmp/
RUN pip install --no-cache-dir -r /tmp/requirements.txt --target=/packages
FROM python:3.14-slim
COPY --from=packages /packages /packages
ENV PYTHONPATH=/packages PATH=/packages/bin:$PATH
WORKDIR /app
COPY main.py ./
CMD python main.py --port 5000
`,
  );
  const { directory: imageDirectory } = await build(context);
  const { container, output } = await start({ imageDirectory });
  expect(await container.exited).toMatchObject({ exitCode: 0 });
  const module = join(imageDirectory, "rootfs/packages/itsdangerous/__init__.py");
  expect(output()).toBe(`${module} ['main.py', '--port', '5000']\n`);
});

test("what pip cannot install is told with its own words", async () => {
  const context = join(directory, "uninstallable");
  await mkdir(context);
  await writeFile(join(context, "requirements.txt"), "flask==3.1.3 --hash=sha256:00\n");
  await writeFile(
    join(context, "Dockerfile"),
    "FROM python:3.14-slim\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n",
  );
  await expect(build(context)).rejects.toThrow(/pip install[^]*hash/i);
});
