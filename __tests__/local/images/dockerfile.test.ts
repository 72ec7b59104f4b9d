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

test.each([
  ["FROM a\nADD b c", "Dockerfile:2: ADD b c: not supported"],
  ["FROM a\nCMD node server.js", "Dockerfile:2: CMD node server.js: write it in exec form"],
  ["FROM a\n\nENV A=$B", "Dockerfile:3: ENV A=$B: variables are not supported"],
  ["FROM a\nCOPY *.js ./", "Dockerfile:2: COPY *.js ./: wildcards are not supported"],
  ["FROM a\nCOPY b", "Dockerfile:2: COPY b: needs at least one source and a destination"],
  ["RUN npm ci", "Dockerfile:1: RUN npm ci: stands before the first FROM"],
  ["# nothing", "Dockerfile: has no FROM"],
])("%j is refused by name and line", (text, message) => {
  expect(() => parseDockerfile(text)).toThrow(message);
});
