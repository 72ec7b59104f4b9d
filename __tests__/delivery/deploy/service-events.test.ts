import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whyTasksFailed } from "../../../delivery/deploy/service-events";
import { state as newState } from "./state";

const BEGIN = new Date("2026-01-01T00:00:00Z");
const SINCE = BEGIN.getTime() / 1000;

const env = { ...process.env };
const directory = mkdtempSync(join(tmpdir(), "service-events-"));
let server: Server;
let asked: unknown;

/** ECS with one service, which has these events, the newest first. */
async function ecs(events: { createdAt: number; message: string }[], status = 200) {
  server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => {
      asked = JSON.parse(chunk.toString());
    });
    request.on("end", () => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ services: [{ events }] }));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.AWS_ACCESS_KEY_ID = "a";
  process.env.AWS_SECRET_ACCESS_KEY = "b";
  process.env.AWS_MAX_ATTEMPTS = "1";
}

const state = { ...newState("dev-ecs-service"), directory };

beforeAll(() => {
  const service = { name: "flask-dev", cluster: "arn:aws:ecs:eu-west-1:1:cluster/flask-dev" };
  writeFileSync(
    join(directory, "cdk.tf.json"),
    JSON.stringify({
      terraform: { backend: { s3: { region: "eu-west-1" } } },
      resource: { aws_ecs_service: { service } },
    }),
  );
});

afterEach(() => {
  server.close();
  process.env = { ...env };
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test("the reasons since the deploy began are told, each once, in their order", async () => {
  await ecs([
    {
      createdAt: SINCE + 4,
      message: "(service a) (deployment b) deployment failed: tasks failed.",
    },
    { createdAt: SINCE + 3, message: "(service a) (task 0b) stopped: Exited (exit code 3)." },
    { createdAt: SINCE + 2, message: "(service a) (task 0a) stopped: Exited (exit code 3)." },
    { createdAt: SINCE + 1, message: "(service a) has started 1 tasks: (task 0a)." },
    { createdAt: SINCE - 1, message: "(service a) (task 01) stopped: of the deploy before." },
  ]);
  expect(await whyTasksFailed(state, BEGIN)).toBe(`
What ECS says:
  (service a) stopped: Exited (exit code 3).
  (service a) (deployment b) deployment failed: tasks failed.
`);
  expect(asked).toEqual({
    cluster: "arn:aws:ecs:eu-west-1:1:cluster/flask-dev",
    services: ["flask-dev"],
  });
});

test("where ECS cannot be asked, the error of the deploy stands alone", async () => {
  await ecs([], 500);
  expect(await whyTasksFailed(state, BEGIN)).toBe("");
});
