import { deepStrictEqual } from "node:assert";
import type { ChildProcess } from "node:child_process";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { bundle } from "./api/bundle";
import type { Memory } from "./api/child";
import { itemAt } from "./api/items";
import type { LoadRequest, LoadResult, Workload } from "./api/load";
import { canPin, messageOf, startProgram, startServer, stopProgram } from "./api/programs";
import { awsEnv } from "./api/tables";
import { median, printRatio } from "./pairs";

const PROGRAMS = {
  ours: "api/server.ts",
  peer: "bench/api/fastify-peer.ts",
  "without-database": "bench/api/without-database.ts",
  database: "bench/api/fast-dynamodb.ts",
  load: "bench/api/load.ts",
  child: "bench/api/child.ts",
};

const SERVER_CORE = 0;
const OTHER_CORE = 1;
const CONNECTIONS = 64;
const ROUNDS = 7;
const ROUND_SECONDS = 3;
const WARM_UP_SECONDS = 3;
const MEMORY_REQUESTS = 1_000_000;

interface Server {
  readonly name: string;
  readonly program: ChildProcess;
  readonly port: number;
}

/** Compares the API with a Fastify peer, and with itself without the database call. */
export async function benchApi(directory: string) {
  await bundle(PROGRAMS, directory);
  printConditions();
  const programs: ChildProcess[] = [];
  try {
    const database = startProgram(directory, "database", OTHER_CORE);
    programs.push(database);
    const databaseEnv = awsEnv((await messageOf<{ port: number }>(database)).port);
    const load = startProgram(directory, "load", OTHER_CORE);
    programs.push(load);
    await messageOf(load);

    const start = async (program: keyof typeof PROGRAMS, name: string, env = {}) => {
      const server = await startServer(directory, program, SERVER_CORE, { ...databaseEnv, ...env });
      programs.push(server.program);
      return { name, ...server };
    };
    const ours = await start("ours", "the API", { METRICS: "emf" });
    const peer = await start("peer", "Fastify peer");
    const alone = await start("without-database", "the API without its database call", {
      METRICS: "emf",
    });
    for (const server of [ours, peer, alone]) await expectItem(server);

    const [oursRead, peerRead, aloneRead] = await inTurns(load, "read", [ours, peer, alone]);
    compare("GET /items/{id}, the API to the peer (at least 6)", oursRead, peerRead);
    compareTails("p99 of GET /items/{id}, the API to the peer (at most 1)", oursRead, peerRead);
    compare(
      "GET /items/{id}, the API to itself without the database call (at least 0.5)",
      oursRead,
      aloneRead,
    );
    compare(
      "POST /items, the API to the peer (at least 1)",
      ...(await inTurns(load, "create", [ours, peer])),
    );
    compare(
      "POST /items/{id}/adjustments, the API to the peer (at least 1)",
      ...(await inTurns(load, "adjust", [ours, peer])),
    );
    await benchMemory(load, ours);
  } finally {
    await Promise.all(programs.map(stopProgram));
  }
}

function printConditions() {
  console.log(`\n${CONNECTIONS} connections, medians of ${ROUNDS} alternating rounds.`);
  console.log(
    canPin
      ? "The server has one core. The load generator and the database share another."
      : `No program is pinned to a core, because taskset is missing or there is only one core: ${cpus().length} cores are shared.`,
  );
  console.log("bench/api/fast-dynamodb.ts replaces DynamoDB.");
}

/** Checks that a server gives the expected answer before its speed is measured. */
async function expectItem({ name, port }: Server) {
  const item = itemAt(0);
  const response = await fetch(`http://127.0.0.1:${port}/items/${item.id}`);
  deepStrictEqual(await response.json(), item, `${name} gives another answer than expected`);
}

interface Result extends LoadResult {
  /** The processor time that the server used, in seconds. */
  readonly cpu: number;
}

interface Measured {
  readonly name: string;
  readonly results: readonly Result[];
}

/**
 * Measures the servers in the order A B C A B C, so that a machine that slows down affects all of
 * them.
 */
async function inTurns<const Servers extends readonly Server[]>(
  load: ChildProcess,
  workload: Workload,
  servers: Servers,
) {
  const run = async ({ program, port }: Server, seconds: number): Promise<Result> => {
    const before = await ask<number>(program, "cpuSeconds");
    const result = await runLoad(load, { port, workload, connections: CONNECTIONS, seconds });
    return { ...result, cpu: (await ask<number>(program, "cpuSeconds")) - before };
  };
  for (const server of servers) await run(server, WARM_UP_SECONDS);
  const measured = servers.map(({ name }) => ({ name, results: [] as Result[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, server] of servers.entries()) {
      measured[i]?.results.push(await run(server, ROUND_SECONDS));
    }
  }
  return measured as { readonly [i in keyof Servers]: Measured };
}

const runLoad = (load: ChildProcess, request: LoadRequest) => ask<LoadResult>(load, request);

function ask<Answer>(program: ChildProcess, question: string | LoadRequest): Promise<Answer> {
  program.send(question);
  return messageOf<Answer>(program);
}

function compare(title: string, a: Measured, b: Measured) {
  const side = ({ name, results }: Measured) => {
    const middle = (value: (result: Result) => number) => median(results.map(value));
    const latency = `p50 ${middle(({ p50 }) => p50).toFixed(2)} ms, p99 ${middle(({ p99 }) => p99).toFixed(2)} ms`;
    const perCpu = `${middle(({ requests, cpu }) => requests / cpu).toFixed(0)} per second of processor time`;
    return [
      `${name}: ${latency}, ${perCpu}`,
      results.map(({ requests, seconds }) => requests / seconds),
    ] as const;
  };
  printRatio(title, side(a), side(b), "/s");
}

function compareTails(title: string, a: Measured, b: Measured) {
  const side = ({ name, results }: Measured) => [name, results.map(({ p99 }) => p99)] as const;
  printRatio(title, side(a), side(b), "ms");
}

/** Compares the memory in the last quarter of a million requests with that in the first. */
async function benchMemory(load: ChildProcess, { program, port }: Server) {
  const samples: Memory[] = [];
  const request = { port, workload: "read", connections: CONNECTIONS } as const;
  const done = runLoad(load, { ...request, requests: MEMORY_REQUESTS }).then(() => true);
  while (!(await Promise.race([done, sleep(1000, false)]))) {
    samples.push(await ask<Memory>(program, "memory"));
  }
  const quarter = Math.floor(samples.length / 4);
  for (const [kind, what] of [
    ["heap", "Heap after garbage collection"],
    ["rss", "Resident memory"],
  ] as const) {
    const values = samples.map((sample) => sample[kind]);
    printRatio(
      `${what} over ${MEMORY_REQUESTS} GET /items/{id}, the last quarter to the first (at most 1.1)`,
      ["last quarter", values.slice(-quarter)],
      ["first quarter", values.slice(0, quarter)],
      "MB",
    );
  }
}
