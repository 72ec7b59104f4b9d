import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buildImage } from "../../../local/images/image";

let directory: string;
let contextDirectory: string;
let imagesDirectory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "image-"));
  contextDirectory = join(directory, "context");
  imagesDirectory = join(directory, "images");
  await mkdir(join(contextDirectory, "src"), { recursive: true });
  await mkdir(join(contextDirectory, "node_modules/greeting"), { recursive: true });
  await write("node_modules/greeting/index.js", "module.exports = 'hello';");
  await write("src/server.js", "console.log('server');");
  await write("src/notes.md", "not for the image");
  await write(".dockerignore", "**/*.md\n");
  await write("build.js", "require('fs').writeFileSync('built.txt', require('greeting'));");
  await write(
    "Dockerfile",
    `FROM node:24 AS build
WORKDIR /build
COPY build.js ./
RUN npm ci && node build.js
FROM scratch
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /build/built.txt ./
COPY src ./src
CMD ["node", "src/server.js"]
`,
  );
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const write = (file: string, text: string) => writeFile(join(contextDirectory, file), text);
const source = { context: ".", dockerfile: "Dockerfile" };
const build = () => buildImage({ root: contextDirectory, source, imagesDirectory });

test("the image holds what the Dockerfile copies: built files, sources, no node binary, nothing ignored", async () => {
  const image = await build();
  const rootfs = join(image.directory, "rootfs");
  expect(await readFile(join(rootfs, "app/built.txt"), "utf8")).toBe("hello");
  expect(await readdir(join(rootfs, "app/src"))).toEqual(["server.js"]);
  expect(await readdir(rootfs)).toEqual(["app"]);
  const { config } = JSON.parse(await readFile(join(image.directory, "config.json"), "utf8")) as {
    config: object;
  };
  expect(config).toEqual({ Env: [], WorkingDir: "/app", Cmd: ["node", "src/server.js"] });
});

test("the same content has the same digest, other content another", async () => {
  const first = await build();
  expect((await build()).digest).toBe(first.digest);
  await write("src/server.js", "console.log('another server');");
  expect((await build()).digest).not.toBe(first.digest);
  expect(first.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("nothing but finished images is left behind", async () => {
  const image = await build();
  expect(await readdir(imagesDirectory)).toEqual([basename(image.directory)]);
  await write("build.js", "process.exit(3);");
  await expect(build()).rejects.toThrow("node build.js");
  expect(await readdir(imagesDirectory)).toEqual([basename(image.directory)]);
});

test.each([
  ["RUN pip install --prefix=/usr flask", "--prefix=/usr is not supported"],
  ["RUN python -m pip install -e .", "-e is not supported"],
  ['RUN pip install "flask>3"', 'only a shell understands "flask>3"'],
  ["RUN python -m venv /venv", "only pip install, and npm"],
  ["RUN pip install flask && apt-get update", "only pip install, and npm"],
])("%s is refused by name and line before anything is installed", async (instruction, advice) => {
  await write("Dockerfile", `FROM python:3.14-slim\n${instruction}\n`);
  await expect(build()).rejects.toThrow(`Dockerfile:2: ${instruction}: ${advice}`);
});

test("pip in an image without Python is refused", async () => {
  await write("Dockerfile", "FROM node:24\nRUN pip install flask\n");
  await expect(build()).rejects.toThrow(
    "Dockerfile:2: RUN pip install flask: pip is only in stages FROM python:<version>",
  );
});

test.each([
  ["RUN apt-get update", "only pip install, and npm, npx and node"],
  ["RUN node /etc/build.js", "on relative paths"],
  ["COPY missing.js ./", "missing.js does not exist in the context"],
])("%s is refused by name and line", async (instruction, advice) => {
  await write("Dockerfile", `FROM node:24\n${instruction}\n`);
  await expect(build()).rejects.toThrow(`Dockerfile:2: ${instruction.split(" ")[0] ?? ""}`);
  await expect(build()).rejects.toThrow(advice);
});
