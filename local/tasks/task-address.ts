import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The address on which a task listens. */
export interface TaskAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * How tasks get different addresses, in place of the network interfaces of `awsvpc`:
 * - `own-address`: each task has its own address in 127.0.0.0/8 and listens on the container's port.
 * - `own-port`: all tasks listen on 127.0.0.1, each on its own port.
 */
export type Addressing = "own-address" | "own-port";

/** Finds out whether programs can listen on all of 127.0.0.0/8, as on Linux, or only on 127.0.0.1, as on macOS. */
export async function probeAddressing(): Promise<Addressing> {
  return (await freePort(randomLoopback(), 0)) === undefined ? "own-port" : "own-address";
}

/**
 * Finds a free address for a task. With `own-address`, the port is the container's, or another one if a program
 * listens on 0.0.0.0 with that port.
 */
export async function findAddress(
  addressing: Addressing,
  containerPort: number,
): Promise<TaskAddress> {
  // The address is random, so that several runs on one machine do not get the same one.
  const host = addressing === "own-address" ? randomLoopback() : "127.0.0.1";
  const own = addressing === "own-address" ? await freePort(host, containerPort) : undefined;
  const port = own ?? (await freePort(host, 0));
  if (port === undefined) throw new Error(`no port is free on ${host}`);
  return { host, port };
}

/**
 * The variables that tell the container where to listen. A program may read `HOST` and `PORT`. In an image of Python,
 * `local/images/python/sitecustomize.py` replaces the address on which the program listens.
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

/** Waits until a program listens at the address, or until `signal` aborts. It does not throw then. */
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
