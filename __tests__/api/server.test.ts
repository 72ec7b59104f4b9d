import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import {
  Agent,
  createServer as createHttpServer,
  get,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import request from "supertest";
import { bundleInto } from "./support/bundle";
import { startLocalDynamoDb, TABLE_NAME } from "./support/local-dynamodb";
import { startProgram, type Program } from "./support/program";
import { waitFor } from "./support/wait-for";

const bolt = { sku: "BOLT-M8", name: "Bolt M8", quantity: 12 };

jest.setTimeout(30_000);

let folder: string;
const programs: Program[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inventory-api-"));
  await bundleInto(folder);
});

afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill("SIGKILL");
    await program.exitCode;
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function start(name: "server" | "healthcheck", env: Readonly<Record<string, string>>): Program {
  const program = startProgram(join(folder, `${name}.js`), env);
  programs.push(program);
  return program;
}

/** Starts the server and waits until it listens. */
async function startServer(env: Readonly<Record<string, string>> = {}) {
  const port = await freePort();
  const program = start("server", { PORT: String(port), HOST: "127.0.0.1", ...env });
  await waitFor(
    "the server to listen",
    () => loggedMessages(program).includes("listening") || undefined,
  );
  return { program, port, url: `http://127.0.0.1:${port}` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Of complete lines only: the last one may still be on its way. */
function loggedMessages({ output }: Program): string[] {
  const lines = output.stdout.split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
}

test("the bundle runs with nothing beside it, and warns that items are kept in memory", async () => {
  expect((await readdir(folder)).sort()).toEqual(["healthcheck.js", "server.js"]);
  const { program, url } = await startServer();

  await request(url).post("/items").send(bolt).expect(201);
  const listed = await request(url).get("/items").expect(200);
  expect(listed.body).toMatchObject({ items: [bolt], next: null });
  await waitFor("the request log", () => loggedMessages(program).length === 4 || undefined);
  expect(loggedMessages(program)).toEqual([
    expect.stringContaining("items are kept in memory and are lost on restart"),
    "listening",
    "request",
    "request",
  ]);
});

test("the bundle keeps items in the DynamoDB that its environment names", async () => {
  const dynamoDb = await startLocalDynamoDb();
  const { program, url } = await startServer({
    ...dynamoDb.environment,
    ITEMS_TABLE: TABLE_NAME,
  });

  const created = await request(url).post("/items").send(bolt).expect(201);
  const got = await request(url).get(String(created.headers.location)).expect(200);
  expect(got.body).toEqual(created.body);
  expect(dynamoDb.actions).toEqual(["PutItem", "GetItem"]);
  expect(loggedMessages(program)[0]).toBe("listening");
  await dynamoDb.stop();
});

describe("stopping", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s with a request in flight finishes it and exits 0",
    async (signal) => {
      const { program, port, url } = await startServer();
      const body = JSON.stringify(bolt);
      const upload = httpRequest(`${url}/items`, {
        method: "POST",
        agent: new Agent({ keepAlive: true }),
        headers: {
          "Content-Type": "application/json",
          "Content-Length": body.length,
          Expect: "100-continue",
        },
      });
      const answer = once(upload, "response") as Promise<[IncomingMessage]>;
      upload.flushHeaders();
      // The server has read the headers: the request is in flight.
      await once(upload, "continue");

      program.kill(signal);
      await waitFor("the server to stop listening", () => isRefused(port));
      upload.end(body);
      const [response] = await answer;
      expect(response.statusCode).toBe(201);
      expect(response.headers.connection).toBe("close");
      response.resume();
      expect(await program.exitCode).toBe(0);
      expect(loggedMessages(program).slice(-3)).toEqual(["stopping", "request", "stopped"]);
    },
  );

  test("SIGTERM does not wait for idle keep-alive connections", async () => {
    const { program, url } = await startServer();
    const agent = new Agent({ keepAlive: true });
    const [response] = (await once(get(`${url}/live`, { agent }), "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    expect(response.headers.connection).toBe("keep-alive");

    const start = Date.now();
    program.kill("SIGTERM");
    expect(await program.exitCode).toBe(0);
    expect(Date.now() - start).toBeLessThan(5_000);
    agent.destroy();
  });
});

async function isRefused(port: number): Promise<true | undefined> {
  const socket = connect(port, "127.0.0.1");
  const refused = await once(socket, "connect").then(
    () => undefined,
    (error: unknown) => (error as NodeJS.ErrnoException).code === "ECONNREFUSED" || undefined,
  );
  socket.destroy();
  return refused;
}

describe("a server that is configured wrong exits 1 and says on stderr what to change", () => {
  test("when a variable is not what it must be", async () => {
    const { exitCode, output } = start("server", { PORT: "http" });
    expect(await exitCode).toBe(1);
    expect(output).toEqual({
      stdout: "",
      stderr:
        'PORT is "http", expected an integer from 1 to 65535.\n' +
        "Correct the environment and start again.\n",
    });
  });

  test("when the port is taken", async () => {
    const { port } = await startServer();
    const { exitCode, output } = start("server", { PORT: String(port), HOST: "127.0.0.1" });
    expect(await exitCode).toBe(1);
    expect(output.stderr).toContain(`Cannot listen on HOST 127.0.0.1, PORT ${port}: `);
    expect(output.stderr).toContain("EADDRINUSE");
  });

  test("when there is a table but no region", async () => {
    const { exitCode, output } = start("server", { ITEMS_TABLE: TABLE_NAME, HOME: folder });
    expect(await exitCode).toBe(1);
    expect(output.stderr).toContain("AWS_REGION is not set");
  });
});

describe("the health check program", () => {
  test("exits 0 while the server lives, whatever address that listens on", async () => {
    const { port } = await startServer({ HOST: "0.0.0.0" });
    const PORT = String(port);
    expect(await start("healthcheck", { PORT }).exitCode).toBe(0);
    for (const HOST of ["0.0.0.0", "127.0.0.1"]) {
      expect(await start("healthcheck", { PORT, HOST }).exitCode).toBe(0);
    }
  });

  test("exits 1 when the server answers with an error", async () => {
    const server = createHttpServer((_request, response) => response.writeHead(500).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const PORT = String((server.address() as AddressInfo).port);
    expect(await start("healthcheck", { PORT }).exitCode).toBe(1);
    server.close();
  });

  test("exits 1 where no server listens", async () => {
    const PORT = String(await freePort());
    expect(await start("healthcheck", { PORT }).exitCode).toBe(1);
  });

  test("exits 1 when the server accepts and does not answer", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const PORT = String((server.address() as AddressInfo).port);
    expect(await start("healthcheck", { PORT }).exitCode).toBe(1);
    server.close();
  });
});
