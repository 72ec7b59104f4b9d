/**
 * A DynamoDB API over HTTP that keeps the tables of the benchmark in memory. It supports only the
 * actions and expressions that the benchmarked services use. It is atomic, because each request is
 * answered before the next is read. It replaces DynamoDB because AWS is not reachable in a
 * benchmark, and the emulators need more processor time per call than the measured servers. It
 * sends `{ port }` to its parent once it listens.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { rowOf, type Row } from "../../api/items/store/item-row";
import { meets, updated } from "./expressions";
import { ITEM_COUNT, itemAt } from "./items";
import { TABLES } from "./tables";

interface Write {
  readonly TableName: string;
  readonly Key?: Row;
  readonly Item?: Row;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeValues?: Row;
  readonly ReturnValues?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

interface BatchGet {
  readonly RequestItems: Readonly<Record<string, { readonly Keys: readonly Row[] }>>;
}

interface Transaction {
  readonly ClientRequestToken?: string;
  readonly TransactItems: readonly Readonly<Record<string, Write>>[];
}

/** A row and its JSON. A row that is read a million times is serialized once. */
interface Stored {
  readonly row: Row;
  readonly json: string;
}

class ApiError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

const tables = new Map<string, Map<string, Stored>>(
  Object.keys(TABLES).map((name) => [name, new Map<string, Stored>()]),
);
/** The tokens of the transactions that were written. */
const done = new Set<string>();

for (let n = 0; n < ITEM_COUNT; n++) store("items", rowOf(itemAt(n)));

const ACTIONS: Readonly<Record<string, (request: never) => string>> = {
  GetItem: getItem,
  BatchGetItem: batchGetItem,
  PutItem: single("Put"),
  UpdateItem: single("Update"),
  TransactWriteItems: transactWriteItems,
};

function getItem({ TableName, Key }: { readonly TableName: string; readonly Key: Row }): string {
  const found = tableOf(TableName).get(keyOf(TableName, Key));
  return found ? `{"Item":${found.json}}` : "{}";
}

function batchGetItem({ RequestItems }: BatchGet): string {
  const responses = Object.entries(RequestItems).map(([table, { Keys }]) => {
    const rows = tableOf(table);
    const found = Keys.map((key) => rows.get(keyOf(table, key))?.json);
    return `${JSON.stringify(table)}:[${found.filter((json) => json !== undefined).join(",")}]`;
  });
  return `{"Responses":{${responses.join(",")}},"UnprocessedKeys":{}}`;
}

function single(action: string) {
  return (write: Write): string => {
    const before = find(write);
    if (!allows(write, before)) {
      throw new ApiError(
        "ConditionalCheckFailedException",
        "The conditional request failed",
        write.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? { Item: before } : {},
      );
    }
    const after = apply(action, write, before);
    return write.ReturnValues === "ALL_NEW" ? JSON.stringify({ Attributes: after }) : "{}";
  };
}

function transactWriteItems({ ClientRequestToken, TransactItems }: Transaction): string {
  // A transaction that the client repeats because no answer arrived in time is not executed twice.
  if (ClientRequestToken !== undefined && done.has(ClientRequestToken)) return "{}";
  const parts = TransactItems.map((part) => {
    const [entry] = Object.entries(part);
    if (!entry) throw new ApiError("ValidationException", "An empty part of a transaction");
    const [action, write] = entry;
    return { action, write, before: find(write) };
  });
  const reasons = parts.map(({ write, before }) => {
    if (allows(write, before)) return { Code: "None" };
    const Item = write.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? before : undefined;
    return { Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item };
  });
  if (reasons.some(({ Code }) => Code !== "None")) {
    const codes = reasons.map(({ Code }) => Code).join(", ");
    throw new ApiError(
      "TransactionCanceledException",
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
      { CancellationReasons: reasons },
    );
  }
  for (const { action, write, before } of parts) apply(action, write, before);
  if (ClientRequestToken !== undefined) done.add(ClientRequestToken);
  return "{}";
}

function find({ TableName, Key, Item }: Write): Row | undefined {
  return tableOf(TableName).get(keyOf(TableName, Key ?? Item ?? {}))?.row;
}

function allows(write: Write, before: Row | undefined): boolean {
  const { ConditionExpression } = write;
  return (
    ConditionExpression === undefined ||
    meets(before, ConditionExpression, write.ExpressionAttributeValues)
  );
}

function apply(action: string, write: Write, before: Row | undefined): Row {
  const { TableName, Key, Item, UpdateExpression, ExpressionAttributeValues } = write;
  if (action === "Put" && Item) return store(TableName, Item);
  if (action === "Update" && Key && UpdateExpression !== undefined) {
    return store(TableName, updated(before ?? Key, UpdateExpression, ExpressionAttributeValues));
  }
  throw new ApiError(
    "ValidationException",
    `bench/api/fast-dynamodb.ts does not support this ${action}`,
  );
}

function store(table: string, row: Row): Row {
  tableOf(table).set(keyOf(table, row), { row, json: JSON.stringify(row) });
  return row;
}

function tableOf(name: string): Map<string, Stored> {
  const table = tables.get(name);
  if (!table) throw new ApiError("ResourceNotFoundException", `There is no table ${name}`);
  return table;
}

function keyOf(table: string, row: Row): string {
  const key = row[TABLES[table as keyof typeof TABLES]]?.S;
  if (key === undefined) throw new ApiError("ValidationException", `A row of ${table} has no key`);
  return key;
}

function answer(request: IncomingMessage, body: string): { status: number; json: string } {
  const action = String(request.headers["x-amz-target"]).replace(/^.*\./, "");
  try {
    const run = ACTIONS[action];
    if (!run)
      throw new ApiError(
        "UnknownOperationException",
        `bench/api/fast-dynamodb.ts does not support ${action}`,
      );
    return { status: 200, json: run(JSON.parse(body) as never) };
  } catch (error) {
    const { type, details } =
      error instanceof ApiError ? error : new ApiError("ValidationException", "");
    const { message } = error as Error;
    const __type = `com.amazonaws.dynamodb.v20120810#${type}`;
    return { status: 400, json: JSON.stringify({ __type, message, ...details }) };
  }
}

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { status, json } = answer(request, Buffer.concat(chunks).toString());
    response.writeHead(status, {
      "Content-Type": "application/x-amz-json-1.0",
      "Content-Length": Buffer.byteLength(json),
    });
    response.end(json);
  });
});

server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
