import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { DeployedListener } from "../../../local/load-balancer/deployed-load-balancers";
import { ListenerServer } from "../../../local/load-balancer/listener-server";
import type { Route } from "../../../local/load-balancer/target-groups";

let listener: ListenerServer;
let target: Server;
let route: Route;
let received: IncomingMessage[];

const forward: Action = { Type: "forward", TargetGroupArn: "group" };
const deployed = (action: Action, change: Partial<DeployedListener> = {}): DeployedListener => ({
  arn: "listener",
  port: 80,
  loadBalancerName: "main",
  rules: [{ IsDefault: true, Conditions: [], Actions: [action] }],
  idleTimeoutSeconds: 60,
  dropInvalidHeaderFields: false,
  securityGroups: [],
  ...change,
});

beforeEach(async () => {
  received = [];
  target = createServer((request, response) => {
    received.push(request);
    if (request.url === "/never") return;
    response.setHeader("connection", "close");
    void text(request).then((body) => response.end(`${request.url ?? ""} ${body}`));
  });
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  route = { kind: "target", target: { id: "127.0.0.1", port: portOf(target) } };
  listener = new ListenerServer(deployed(forward), (arn) =>
    arn === "group" ? { next: () => route } : undefined,
  );
  await listener.listen(0);
});

afterEach(async () => {
  await listener.close();
  target.closeAllConnections();
  target.close();
});

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
const ask = (path: string, init?: RequestInit) => fetch(`${listener.url}${path}`, init);

test("a request goes to the target with its body, and its answer comes back", async () => {
  const response = await ask("/items?a=1", { method: "POST", body: "hello" });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe("/items?a=1 hello");
});

test("the target gets the client's address, the port and a trace id", async () => {
  await ask("/", { headers: { "x-forwarded-for": "203.0.113.9" } });
  expect(received[0]?.headers).toMatchObject({
    "x-forwarded-for": "203.0.113.9, 127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "80",
    "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as string,
  });
});

test("a trace id that comes in is kept", async () => {
  await ask("/", { headers: { "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678" } });
  expect(received[0]?.headers["x-amzn-trace-id"]).toMatch(
    /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/,
  );
});

test("a target that closes its connection does not close the client's", async () => {
  const response = await ask("/");
  expect(response.headers.get("connection")).toBe("keep-alive");
});

test.each([
  [true, undefined],
  [false, "1"],
])(
  "with drop_invalid_header_fields %s, a_b arrives as %s",
  async (dropInvalidHeaderFields, value) => {
    listener.deployed = deployed(forward, { dropInvalidHeaderFields });
    await ask("/", { headers: { a_b: "1", "a-b": "2" } });
    expect(received[0]?.headers.a_b).toBe(value);
    expect(received[0]?.headers["a-b"]).toBe("2");
  },
);

test("no registered target is 503, and so is a target group that does not exist", async () => {
  route = { kind: "empty" };
  expect((await ask("/")).status).toBe(503);
  listener.deployed = deployed({ Type: "forward", TargetGroupArn: "gone" });
  expect((await ask("/")).status).toBe(503);
});

test("security groups in the way are 504, and nothing arrives", async () => {
  route = { kind: "blocked", target: { id: "127.0.0.1", port: portOf(target) } };
  expect((await ask("/")).status).toBe(504);
  expect(received).toEqual([]);
});

test("a target that refuses the connection is 502", async () => {
  const closed = createTcpServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  route = { kind: "target", target: { id: "127.0.0.1", port: portOf(closed) } };
  await new Promise((resolve) => closed.close(resolve));
  const response = await ask("/");
  expect(response.status).toBe(502);
  expect(response.headers.get("server")).toBe("awselb/2.0");
});

test("a target that resets the connection is 502", async () => {
  const resetting = createTcpServer((socket) =>
    socket.once("data", () => socket.resetAndDestroy()),
  );
  await new Promise<void>((resolve) => resetting.listen(0, "127.0.0.1", resolve));
  route = { kind: "target", target: { id: "127.0.0.1", port: portOf(resetting) } };
  expect((await ask("/")).status).toBe(502);
  resetting.close();
});

test("a target that says nothing for the idle timeout is 504", async () => {
  listener.deployed = deployed(forward, { idleTimeoutSeconds: 0.2 });
  expect((await ask("/never")).status).toBe(504);
});

test("a fixed response is given as it is", async () => {
  listener.deployed = deployed({
    Type: "fixed-response",
    FixedResponseConfig: { StatusCode: "404", ContentType: "text/plain", MessageBody: "no" },
  });
  const response = await ask("/");
  expect([response.status, await response.text()]).toEqual([404, "no"]);
});

test("a redirect fills in the request's own parts", async () => {
  listener.deployed = deployed({
    Type: "redirect",
    RedirectConfig: {
      StatusCode: "HTTP_301",
      Protocol: "HTTPS",
      Port: "443",
      Host: "www.#{host}",
      Path: "/new/#{path}",
      Query: "#{query}",
    },
  });
  const response = await ask("/a/b?c=d", { redirect: "manual" });
  expect(response.status).toBe(301);
  expect(response.headers.get("location")).toBe("https://www.127.0.0.1:443/new/a/b?c=d");
});

test("a redirect of a request whose host is none is 400", async () => {
  listener.deployed = deployed({ Type: "redirect", RedirectConfig: { StatusCode: "HTTP_302" } });
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(listener.url, { headers: { host: "[" } }, resolve);
  });
  response.resume();
  expect(response.statusCode).toBe(400);
});

test("a preferred port that is taken is replaced by a free one", async () => {
  const second = new ListenerServer(deployed(forward), () => undefined);
  await second.listen(portOf(target));
  expect(second.url).not.toBe(`http://127.0.0.1:${portOf(target)}`);
  await new Promise((resolve) => get(second.url, resolve));
  await second.close();
});
