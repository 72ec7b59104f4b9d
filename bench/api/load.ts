/**
 * The load generator. It opens a number of connections, each with one request at a time. It uses
 * plain sockets, because it shares its core with the database and must use little of it. It
 * receives a `LoadRequest` from its parent and answers with a `LoadResult`.
 */
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { idAt, ITEM_COUNT, itemAt } from "./items";

export type Workload = "read" | "create" | "adjust";

export interface LoadRequest {
  readonly port: number;
  readonly workload: Workload;
  readonly connections: number;
  /** The number of requests after which the load ends. @default - no limit */
  readonly requests?: number;
  /** The seconds after which the load ends. @default - no limit */
  readonly seconds?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** The median latency, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const EXPECTED_STATUS: Record<Workload, string> = { read: "200", create: "201", adjust: "200" };

process.on("message", (request: LoadRequest) => {
  run(request).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.("ready");

async function run(request: LoadRequest): Promise<LoadResult> {
  const { port, workload, connections, requests = Infinity, seconds = Infinity } = request;
  const nextRequest = requestsOf(workload, port);
  const start = performance.now();
  const end = start + seconds * 1000;
  const latencies: number[] = [];
  let begun = 0;
  const more = () => begun < requests && performance.now() < end;

  await Promise.all(
    Array.from({ length: connections }, () => {
      const socket = connect(port, "127.0.0.1").setNoDelay(true);
      return converse(
        socket,
        EXPECTED_STATUS[workload],
        () => {
          if (!more()) return undefined;
          begun += 1;
          return nextRequest();
        },
        latencies,
      );
    }),
  );
  const measuredSeconds = (performance.now() - start) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor(q * (latencies.length - 1))] ?? Number.NaN;
  return {
    requests: latencies.length,
    seconds: measuredSeconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
  };
}

/**
 * Sends requests one after another until `nextRequest` returns none. Rejects at any unexpected
 * answer.
 */
function converse(
  socket: Socket,
  expectedStatus: string,
  nextRequest: () => string | undefined,
  latencies: number[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let received = "";
    const send = () => {
      const request = nextRequest();
      if (request === undefined) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(request, "latin1");
    };
    socket.setEncoding("latin1");
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new Error("The server closed a connection"));
    });
    socket.on("data", (chunk) => {
      received += String(chunk);
      const length = lengthOf(received);
      if (length === undefined || received.length < length) return;
      if (received.length > length || received.slice(9, 12) !== expectedStatus) {
        reject(new Error(`Expected ${expectedStatus}, got: ${received}`));
        return;
      }
      latencies.push(performance.now() - sentAt);
      received = "";
      send();
    });
  });
}

/** The length of a response including its head, or undefined while the head is incomplete. */
function lengthOf(received: string): number | undefined {
  const headLength = received.indexOf("\r\n\r\n") + 4;
  if (headLength < 4) return undefined;
  const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(received) ?? [];
  if (length === undefined) throw new Error(`The response has no Content-Length: ${received}`);
  return headLength + Number(length);
}

/** Makes requests as text. The items come in a random order in which none is repeated soon. */
function requestsOf(workload: Workload, port: number): () => string {
  const host = `Host: 127.0.0.1:${port}\r\n`;
  const ids = shuffled(Array.from({ length: ITEM_COUNT }, (_, n) => idAt(n)));
  let count = 0;
  const nextId = () => ids[count++ % ids.length] ?? "";
  const post = (path: string, body: string) =>
    `POST ${path} HTTP/1.1\r\n${host}Content-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  const skuPrefix = `LOAD-${process.pid}-${Date.now()}`;

  return {
    read: () => `GET /items/${nextId()} HTTP/1.1\r\n${host}\r\n`,
    create: () => post("/items", newItem(`${skuPrefix}-${count++}`)),
    adjust: () => post(`/items/${nextId()}/adjustments`, '{"delta":1}'),
  }[workload];
}

function newItem(sku: string): string {
  const { name, quantity, unitPrice, description, attributes } = itemAt(0);
  return JSON.stringify({ sku, name, quantity, unitPrice, description, attributes });
}

function shuffled<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}
