import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
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
import { checked } from "./support/conformance";
import { bundleInto } from "./support/bundle";
import { freePort } from "./support/free-port";
import { createItemTables } from "./support/item-tables";
import { awsEnv, startLocalDynamoDb } from "./support/local-dynamodb";
import { startProgram, type Program } from "./support/program";
import { waitFor } from "./support/wait-for";

const bolt = { sku: "BOLT-M8", name: "Bolt M8", quantity: 12, unitPrice: "0.35" };

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
  await waitFor("the server to listen", async () => !(await isRefused(port)) || undefined);
  return { program, port, url: `http://127.0.0.1:${port}` };
}

/** The complete lines on stdout, each of which must be JSON. */
function logged({ output }: Program) {
  const lines = output.stdout.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const loggedMessages = (program: Program) => logged(program).map(({ msg }) => msg);

async function stopped(program: Program): Promise<Program> {
  program.kill("SIGTERM");
  expect(await program.exitCode).toBe(0);
  return program;
}

test("the bundle runs with nothing beside it, and warns that items are kept in memory", async () => {
  expect((await readdir(folder)).sort()).toEqual(["docs", "healthcheck.js", "server.js"]);
  const { program, url } = await startServer();

  await checked(url).post("/items").send(bolt).expect(201);
  const listed = await checked(url).get("/items").expect(200);
  expect(listed.body).toMatchObject({ items: [bolt], next: null });
  expect(loggedMessages(await stopped(program))).toEqual([
    expect.stringContaining("items are kept in memory and are lost on restart"),
    "listening",
    "request",
    "request",
    "stopping",
    "stopped",
  ]);
});

test("the bundle keeps items in the DynamoDB that its environment names", async () => {
  const dynamoDb = await startLocalDynamoDb();
  const { itemsTable, claimsTable } = await createItemTables(dynamoDb.client, "test");
  const { program, url } = await startServer({
    ...dynamoDb.env,
    ITEMS_TABLE: itemsTable,
    CLAIMS_TABLE: claimsTable,
    METRICS: "emf",
  });

  await checked(url).get("/items").expect(200);
  expect(dynamoDb.actions.at(-1)).toBe("Scan");
  const lines = logged(await stopped(program));
  expect(lines[0]?.msg).toBe("listening");
  expect(lines).toContainEqual(
    expect.objectContaining({ Action: "Scan", Calls: 1, Retries: 0, Throttles: 0 }),
  );
  await dynamoDb.stop();
});

describe("what the server writes to stdout", () => {
  test("is lines of JSON that hold nothing secret, whatever goes wrong", async () => {
    const { program, url } = await startServer({
      ...awsEnv(await freePort()),
      AWS_SECRET_ACCESS_KEY: "secret-of-ours",
      AWS_MAX_ATTEMPTS: "1",
      ITEMS_TABLE: "items",
      CLAIMS_TABLE: "claims",
      LOG_LEVEL: "trace",
      METRICS: "emf",
    });
    const headers = {
      Authorization: "Bearer secret-header",
      Cookie: "session=secret-cookie",
      "Idempotency-Key": "secret-key",
      "X-Request-Id": "the-request",
    };
    await checked(url)
      .post("/items?token=secret-query")
      .set(headers)
      .send({ ...bolt, name: "secret-body" })
      .expect(503);
    await checked(url).get("/secret-path?token=secret-query").set(headers).expect(404);
    await checked(url).post("/items").set(headers).send({ secret: "secret-field" }).expect(400);

    const lines = logged(await stopped(program)).filter(({ msg }) => msg === "request");
    expect(lines).toMatchObject([
      { requestId: "the-request", method: "POST", route: "/items", status: 503, level: "error" },
      { requestId: "the-request", method: "GET", status: 404, level: "info" },
      { requestId: "the-request", method: "POST", route: "/items", status: 400, level: "info" },
    ]);
    expect(program.output.stdout + program.output.stderr).not.toContain("secret");
    expect(program.output.stdout).not.toContain("Credential=");
  });

  test("has health checks that succeed for debugging alone", async () => {
    const { program, url } = await startServer();
    const debugged = await startServer({ LOG_LEVEL: "debug" });
    for (const probed of [url, debugged.url]) {
      await checked(probed).get("/health").expect(200);
      await checked(probed).get("/live").expect(200);
    }
    expect(loggedMessages(await stopped(program))).not.toContain("request");
    const lines = logged(await stopped(debugged.program));
    expect(lines.filter(({ msg }) => msg === "request")).toMatchObject([
      { level: "debug", route: "/health", status: 200 },
      { level: "debug", route: "/live", status: 200 },
    ]);
  });

  test("is nothing when it is to be silent", async () => {
    const { program, url } = await startServer({ LOG_LEVEL: "silent", METRICS: "off" });
    await checked(url).get("/items").expect(200);
    expect((await stopped(program)).output).toEqual({ stdout: "", stderr: "" });
  });

  test("comes within a second or so, and not only at the end", async () => {
    const { program } = await startServer();
    await waitFor("a line", () => loggedMessages(program).includes("listening") || undefined);
  });

  test("is complete after SIGTERM under load", async () => {
    const { program, url } = await startServer({ METRICS: "emf" });
    const agent = new Agent({ keepAlive: true, maxSockets: 10 });
    await Promise.all(Array.from({ length: 500 }, () => statusOf(`${url}/items`, agent)));
    const lines = logged(await stopped(program));
    agent.destroy();
    expect(lines.filter(({ msg }) => msg === "request")).toHaveLength(500);
    expect(lines.filter(({ Route }) => Route === "/items")).toEqual(
      Array(5).fill(expect.objectContaining({ Method: "GET", Requests: 100, Errors: 0 })),
    );
  });

  test("is complete after an error that nobody caught", async () => {
    const crash = join(folder, "crash.cjs");
    await writeFile(crash, 'process.on("SIGUSR2", () => { throw new Error("on purpose"); });');
    const NODE_OPTIONS = `--require ${crash}`;
    const { program, url } = await startServer({ NODE_OPTIONS, METRICS: "emf" });
    await checked(url).get("/items").expect(200);
    program.kill("SIGUSR2");
    expect(await program.exitCode).toBe(1);
    await rm(crash);
    expect(program.output.stderr).toContain("Error: on purpose");
    expect(loggedMessages(program)).toContain("request");
    expect(logged(program)).toContainEqual(
      expect.objectContaining({ Route: "/items", Method: "GET", Requests: 1 }),
    );
  });

  test("may have no reader", async () => {
    const { program, url } = await startServer();
    program.closeStdout();
    await checked(url).get("/items").expect(200);
    await stopped(program);
  });
});

async function statusOf(url: string, agent: Agent): Promise<number | undefined> {
  const [response] = (await once(get(url, { agent }), "response")) as [IncomingMessage];
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

describe("stopping", () => {
  /**
   * Starts an upload and waits until the server has read its headers, so that the request is in
   * flight.
   */
  async function startUpload(url: string) {
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
    const response = once(upload, "response") as Promise<[IncomingMessage]>;
    upload.flushHeaders();
    await once(upload, "continue");
    return { response, finish: () => upload.end(body) };
  }

  test.each([
    ["SIGTERM", ["SIGTERM"]],
    ["SIGINT", ["SIGINT"]],
    ["SIGTERM, again and again,", ["SIGTERM", "SIGINT", "SIGTERM"]],
  ] as const)("%s with a request in flight finishes it and exits 0", async (_what, signals) => {
    const { program, port, url } = await startServer();
    const upload = await startUpload(url);
    for (const signal of signals) program.kill(signal);
    await waitFor("the server to stop listening", () => isRefused(port));
    upload.finish();
    const [response] = await upload.response;
    expect(response.statusCode).toBe(201);
    expect(response.headers.connection).toBe("close");
    response.resume();
    expect(await program.exitCode).toBe(0);
    expect(loggedMessages(program).slice(-3)).toEqual(["stopping", "request", "stopped"]);
  });

  test("fails readiness on a connection that is still busy", async () => {
    const { program, port } = await startServer();
    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => (received += String(chunk)));
    // Both requests are in one packet. When the first is answered, the beginning of the second has
    // been read.
    socket.write("GET /live HTTP/1.1\r\nHost: api\r\n\r\nGET /health HTTP/1.1\r\n");
    await waitFor("the first answer", () => received.includes('{"status":"ok"}') || undefined);
    received = "";

    program.kill("SIGTERM");
    await waitFor("the server to stop listening", () => isRefused(port));
    socket.write("Host: api\r\n\r\n");
    await once(socket, "close");
    expect(received).toMatch(/^HTTP\/1.1 503 /);
    expect(received).toMatch(/^Connection: close\r$/m);
    expect(await program.exitCode).toBe(0);
  });

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

  test("neither an upload that never ends nor a client that never reads can hold it for ever", async () => {
    const { program, port, url } = await startServer();
    const upload = await startUpload(url);
    const reader = connect(port, "127.0.0.1");
    reader.pause().on("error", () => undefined);
    // The answers have more bytes than the operating system buffers for the server.
    reader.write("GET /openapi.json HTTP/1.1\r\nHost: api\r\n\r\n".repeat(1000));
    await statusOf(`${url}/live`, new Agent());

    program.kill("SIGTERM");
    expect(await program.exitCode).toBe(0);
    const [response] = await upload.response;
    expect(response.statusCode).toBe(408);
    expect(loggedMessages(program).at(-1)).toBe("stopped");
  }, 60_000);
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
  test("when variables have wrong values", async () => {
    const { exitCode, output } = start("server", { PORT: "http", ITEMS_TABLE: "items" });
    expect(await exitCode).toBe(1);
    expect(output).toEqual({
      stdout: "",
      stderr:
        'PORT is "http", expected an integer from 1 to 65535.\n' +
        "CLAIMS_TABLE is not set, expected the name of a DynamoDB table " +
        "(3 to 255 of A-Z a-z 0-9 _ . -); to keep items in memory, set neither this nor ITEMS_TABLE.\n" +
        "Correct the environment variables and start again.\n",
    });
  });

  test("when the port is taken", async () => {
    const { port } = await startServer();
    const { exitCode, output } = start("server", { PORT: String(port), HOST: "127.0.0.1" });
    expect(await exitCode).toBe(1);
    expect(output.stderr).toContain(`Cannot listen on HOST 127.0.0.1, PORT ${port}: `);
    expect(output.stderr).toContain("EADDRINUSE");
  });

  test("when there are tables but no region", async () => {
    const tables = { ITEMS_TABLE: "items", CLAIMS_TABLE: "claims" };
    const { exitCode, output } = start("server", { ...tables, HOME: folder });
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
