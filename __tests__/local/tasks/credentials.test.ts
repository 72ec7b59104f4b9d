import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { startCredentialsServer, type CredentialsServer } from "../../../local/tasks/credentials";

const roleArn = "arn:aws:iam::123456789012:role/task";
const [task, other] = [
  {
    id: "task-1",
    arn: "arn:aws:ecs:eu-west-1:123456789012:task/main/task-1",
    subnetId: "subnet-1",
  },
  {
    id: "task-2",
    arn: "arn:aws:ecs:eu-west-1:123456789012:task/main/task-2",
    subnetId: "subnet-2",
  },
];
let server: CredentialsServer;

beforeEach(async () => {
  server = await startCredentialsServer((role, { id }) =>
    role === roleArn
      ? Promise.resolve({
          accessKeyId: `key-of-${id}`,
          secretAccessKey: "secret",
          sessionToken: "token",
          expiration: new Date("2030-01-01T00:00:00Z"),
        })
      : Promise.reject(new Error(`${role} does not exist`)),
  );
});

afterEach(() => server.close());

test("a task gets its role's credentials in the shape that the SDKs read", async () => {
  const response = await fetch(server.serve(task, roleArn));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    RoleArn: roleArn,
    AccessKeyId: "key-of-task-1",
    SecretAccessKey: "secret",
    Token: "token",
    Expiration: "2030-01-01T00:00:00.000Z",
  });
});

test("each task has a path of its own that cannot be guessed", async () => {
  const [first, second] = [server.serve(task, roleArn), server.serve(other, roleArn)];
  expect(first).not.toBe(second);
  expect(new URL(first).hostname).toBe("127.0.0.1");
  expect(new URL(first).pathname.length).toBeGreaterThan(40);
  expect((await fetch(new URL("/v2/credentials/task-1", first))).status).toBe(404);
});

test("a task that has ended gets nothing more", async () => {
  const [first, second] = [server.serve(task, roleArn), server.serve(other, roleArn)];
  server.forget("task-1");
  expect((await fetch(first)).status).toBe(404);
  expect((await fetch(second)).status).toBe(200);
});

test.each([
  [{ origin: "http://evil.example" }],
  [{ "sec-fetch-site": "cross-site" }],
  [{ host: "rebind.evil.example" }],
  [{ host: "127.0.0.1" }],
])("a web page gets no credentials, not even with the path: %j", async (headers) => {
  const call = request(server.serve(task, roleArn), { headers }).end();
  const [response] = (await once(call, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(403);
  expect(await text(response)).not.toContain("key-of-task-1");
});

test("a role that cannot be assumed gives the reason", async () => {
  const response = await fetch(server.serve(task, "arn:aws:iam::123456789012:role/gone"));
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({
    message: expect.stringContaining("role/gone") as string,
  });
});
