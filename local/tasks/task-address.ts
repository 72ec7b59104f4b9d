import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Where a task listens. */
export interface TaskAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * How tasks are told apart, in place of awsvpc's network interfaces:
 * - `own-address`: each task has an address of its own in 127.0.0.0/8, and the container's own port;
 * - `own-port`: all tasks are on 127.0.0.1, each with a port of its own.
 */
export type Addressing = "own-address" | "own-port";

/** Linux answers on all of 127.0.0.0/8; macOS only on 127.0.0.1. */
export async function probeAddressing(): Promise<Addressing> {
  return (await freePort(randomLoopback(), 0)) === undefined ? "own-port" : "own-address";
}

/**
 * Finds a free address for a task. The port is the container's own where that can be; another one
 * when a program on 0.0.0.0 holds it.
 */
export async function findAddress(
  addressing: Addressing,
  containerPort: number,
): Promise<TaskAddress> {
  // Random, so that several runs on one machine do not meet.
  const host = addressing === "own-address" ? randomLoopback() : "127.0.0.1";
  const own = addressing === "own-address" ? await freePort(host, containerPort) : undefined;
  const port = own ?? (await freePort(host, 0));
  if (port === undefined) throw new Error(`no port is free on ${host}`);
  return { host, port };
}

/**
 * Tells the container where to listen. A program that reads `HOST` and `PORT` does so itself; the Python
 * of an image puts the address in the place of the one that the program names
 * (`local/images/python/sitecustomize.py`).
 */
export function listenerEnv({ host, port }: TaskAddress, containerPort: number) {
  return {
    HOST: host,
    ...(containerPort !== 0 && port !== containerPort && { PORT: String(port) }),
    ...(containerPort !== 0 && { LOCAL_AWS_LISTENER: `${host} ${port} ${containerPort}` }),
  };
}

function randomLoopback(): string {
  return `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}

function freePort(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(undefined);
    });
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" ? address?.port : undefined);
      });
    });
  });
}

/** Waits until something listens at the address; resolves all the same when the time is over. */
export async function waitForListener(address: TaskAddress, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await accepts(address))) {
    await sleep(25, undefined, { signal }).catch(() => undefined);
  }
}

function accepts({ host, port }: TaskAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
      .once("connect", () => {
        socket.destroy();
        resolve(true);
      })
      .once("error", () => {
        resolve(false);
      });
  });
}
