import { createServer, type AddressInfo } from "node:net";
import { findAddress, probeAddressing, waitForListener } from "../../../local/tasks/task-address";

async function listen(host: string, port = 0) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

test("with one port each, tasks share 127.0.0.1", async () => {
  const address = await findAddress("own-port", 8080);
  expect(address.host).toBe("127.0.0.1");
  expect(address.port).toBeGreaterThan(1023);
});

test("where the machine can, each task has an address and the container's own port", async () => {
  if ((await probeAddressing()) !== "own-address") return;
  const port = 18_080;
  const [first, second] = [
    await findAddress("own-address", port),
    await findAddress("own-address", port),
  ];
  expect(first.host).toMatch(/^127(\.\d+){3}$/);
  expect(first.host).not.toBe(second.host);
  expect([first.port, second.port]).toEqual([port, port]);
});

test("a program that holds the port on all addresses gives the task another port", async () => {
  const { server, port } = await listen("0.0.0.0");
  const address = await findAddress("own-address", port).catch(() => undefined);
  server.close();
  expect(address?.port).not.toBe(port);
});

test("waiting for a listener ends when there is one", async () => {
  const { port, server } = await listen("127.0.0.1");
  await waitForListener({ host: "127.0.0.1", port }, AbortSignal.timeout(5000));
  server.close();
});

test("waiting for a listener ends when the time is over", async () => {
  const { port, server } = await listen("127.0.0.1");
  await new Promise((resolve) => server.close(resolve));
  const signal = AbortSignal.timeout(100);
  await waitForListener({ host: "127.0.0.1", port }, signal);
  expect(signal.aborted).toBe(true);
});
