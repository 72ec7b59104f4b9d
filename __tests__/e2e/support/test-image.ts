import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const dockerfile = `FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json ./
RUN npm ci
COPY server.js ./
RUN npx esbuild server.js --bundle --platform=node --log-level=warning --outfile=dist/server.js

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /build/dist/server.js ./
ENV NODE_ENV=production FROM_IMAGE=yes
EXPOSE 8080
USER 65532:65532
CMD ["node", "server.js"]
`;

/** A server that returns what it was given, and that can be made to fail. */
export const workingServer = (version: string) => `
const http = require("node:http");
const { DynamoDBClient, GetItemCommand, DeleteItemCommand } = require("@aws-sdk/client-dynamodb");
const dynamodb = new DynamoDBClient({ maxAttempts: 1 });
const Key = { id: { S: "1" } };
const routes = {
  "/health": () => ({ status: "ok" }),
  "/version": () => ({ version: ${JSON.stringify(version)}, host: process.env.HOST, pid: process.pid }),
  "/environment": () => process.env,
  "/headers": (request) => request.headers,
  "/read": () => dynamodb.send(new GetItemCommand({ TableName: process.env.TABLE, Key })),
  "/delete": () => dynamodb.send(new DeleteItemCommand({ TableName: process.env.TABLE, Key })),
  "/hoard": () => { globalThis.hoard = Buffer.alloc(400 * 1024 * 1024, 1); return {}; },
  "/slow": () => new Promise((resolve) => setTimeout(resolve, 1500, { slow: true })),
};
const server = http.createServer(async (request, response) => {
  const answer = await Promise.resolve(routes[request.url]?.(request))
    .catch((error) => ({ error: error.name, message: error.message }));
  response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? {}));
});
server.keepAliveTimeout = 65_000;
server.listen(process.env.PORT, process.env.HOST, () => console.log("listening ${version}"));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
process.on("SIGTERM", () => server.closeIdleConnections());
`;

/** A server that ends as soon as it starts. */
export const brokenServer = `console.error("no configuration"); process.exit(1);`;

/** What is built of a folder that holds a Dockerfile. */
export const WHOLE_FOLDER = { context: ".", dockerfile: "Dockerfile" };

/** Makes a build context whose image runs `server`, in a new folder. */
export async function writeContext(directory: string, server: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "Dockerfile"), dockerfile);
  await writeFile(join(directory, "package.json"), "{}");
  await writeFile(join(directory, "server.js"), server);
  await symlink(resolve("node_modules"), join(directory, "node_modules"));
  return directory;
}
