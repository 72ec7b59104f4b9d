import { parseDockerfile } from "../../../local/images/dockerfile";

test("a Dockerfile is read into its stages, their steps and what the container is started with", () => {
  const [build, image] = parseDockerfile(`
FROM node:24 AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci && \\
    npm run build

FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /app
COPY --from=build /build/dist/server.js main.js
ENV NODE_ENV=production GREETING="good day"
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["node"]
CMD ["main.js"]
`);
  expect(build?.steps).toEqual([
    {
      keyword: "COPY",
      from: undefined,
      sources: ["package.json", "package-lock.json"],
      destination: "/build/",
      line: 4,
    },
    {
      keyword: "RUN",
      command: "npm ci && npm run build",
      workingDirectory: "/build",
      line: 5,
    },
  ]);
  expect(image?.steps).toMatchObject([{ from: "build", destination: "/app/main.js" }]);
  expect(image?.config).toEqual({
    Env: ["NODE_ENV=production", "GREETING=good day"],
    WorkingDir: "/app",
    ExposedPorts: ["8080"],
    User: "65532:65532",
    Entrypoint: ["node"],
    Cmd: ["main.js"],
  });
});

test("a stage on top of another one goes on with its configuration", () => {
  const stages = parseDockerfile("FROM a AS base\nENV A=1\nWORKDIR /app\nFROM base\nENV B=2");
  expect(stages.at(-1)?.config).toEqual({ Env: ["A=1", "B=2"], WorkingDir: "/app" });
});

test("ENV, WORKDIR, COPY and the like take what an ENV before them sets, and PATH is Docker's", () => {
  const [image] = parseDockerfile(`
FROM python:3.14-slim
ENV APP=/srv/app PATH=/packages/bin:$PATH
ENV PATH="\${APP}/bin:$PATH"
WORKDIR $APP
COPY main.py \${APP}/code/
`);
  expect(image?.config.Env).toEqual([
    "APP=/srv/app",
    "PATH=/packages/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "PATH=/srv/app/bin:/packages/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  ]);
  expect(image?.config.WorkingDir).toBe("/srv/app");
  expect(image?.steps).toMatchObject([{ destination: "/srv/app/code/" }]);
});

test.each(["gunicorn --workers 2 app:app", "exec gunicorn --workers 2 app:app"])(
  "CMD %s starts one program, so that it needs no shell",
  (command) => {
    expect(parseDockerfile(`FROM a\nCMD ${command}`).at(-1)?.config.Cmd).toEqual([
      "gunicorn",
      "--workers",
      "2",
      "app:app",
    ]);
  },
);

test.each([
  ["FROM python:3.14.8-slim@sha256:00", "3.14"],
  ["FROM docker.io/library/python:3.13", "3.13"],
  ["FROM python:3.12 AS a\nFROM a", "3.12"],
  ["FROM python:3.12 AS a\nFROM scratch", undefined],
  ["FROM cpython:3.12", undefined],
  ["FROM node:24", undefined],
])("%j has Python %s", (text, version) => {
  expect(parseDockerfile(text).at(-1)?.python).toBe(version);
});

test.each([
  ["FROM a\nADD b c", "Dockerfile:2: ADD b c: not supported"],
  ["FROM a\nCMD node s.js && true", "Dockerfile:2: CMD node s.js && true: write it in exec form"],
  ["FROM a\nCMD node $SERVER", "Dockerfile:2: CMD node $SERVER: write it in exec form"],
  ["FROM a\nCMD A=1 node s.js", "Dockerfile:2: CMD A=1 node s.js: write it in exec form"],
  ['FROM a\nENTRYPOINT ["b"]\nCMD c', "Dockerfile:3: CMD c: write it in exec form"],
  ["FROM a\nENTRYPOINT node", "Dockerfile:2: ENTRYPOINT node: write it in exec form"],
  ["FROM a\n\nENV A=$B", "Dockerfile:3: ENV A=$B: no ENV before it sets $B"],
  ["FROM a\nENV A=${B:-c}", "Dockerfile:2: ENV A=${B:-c}: no ENV before it sets $"],
  ["FROM a\nENV A=\\$PATH", "Dockerfile:2: ENV A=\\$PATH: a $ of the value itself"],
  ["FROM a\nENV A='$PATH'", "Dockerfile:2: ENV A='$PATH': a $ of the value itself"],
  ["FROM a\nCOPY *.js ./", "Dockerfile:2: COPY *.js ./: wildcards are not supported"],
  ["FROM a\nCOPY b", "Dockerfile:2: COPY b: needs at least one source and a destination"],
  ["RUN npm ci", "Dockerfile:1: RUN npm ci: stands before the first FROM"],
  ["# nothing", "Dockerfile: has no FROM"],
])("%j is refused by name and line", (text, message) => {
  expect(() => parseDockerfile(text)).toThrow(message);
});
