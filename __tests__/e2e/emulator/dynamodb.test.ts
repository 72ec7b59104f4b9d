import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateTableCommand,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { tableOf } from "../support/emulated-resources";
import { createItems, row, type Row } from "../support/items-table";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";
import { waitUntil } from "../support/wait-until";

const aws = useEmulator();

/** Lets the clock that deadlines are told by run 600 times as fast. */
const TEN_MINUTES_A_SECOND = `
import time

monotonic = time.monotonic
time.monotonic = lambda: monotonic() * 600
`;

describe("a transaction", () => {
  test("that is sent again is not done again", async () => {
    const { client, putNew, rows } = await createItems(aws);
    const request = { TransactItems: [putNew("a")], ClientRequestToken: uniqueName("token") };
    await client.send(new TransactWriteItemsCommand(request));
    await client.send(new TransactWriteItemsCommand(request));
    const other = { ...request, TransactItems: [putNew("b")] };
    await expect(client.send(new TransactWriteItemsCommand(other))).rejects.toMatchObject({
      name: "IdempotentParameterMismatchException",
    });
    expect(await rows()).toEqual([row("a")]);
  });

  test("that was cancelled is tried again", async () => {
    const { client, putNew, put, rows, remove } = await createItems(aws);
    await put(row("a", 5));
    const request = { TransactItems: [putNew("a")], ClientRequestToken: uniqueName("token") };
    await expect(client.send(new TransactWriteItemsCommand(request))).rejects.toMatchObject({
      name: "TransactionCanceledException",
    });
    await remove("a");
    await client.send(new TransactWriteItemsCommand(request));
    expect(await rows()).toEqual([row("a")]);
  });

  describe("after ten minutes", () => {
    const hurried = useEmulator({ sitecustomize: TEN_MINUTES_A_SECOND });

    test("is forgotten", async () => {
      const { client, putNew } = await createItems(hurried);
      const ClientRequestToken = uniqueName("token");
      const send = (id: string) =>
        client.send(
          new TransactWriteItemsCommand({ TransactItems: [putNew(id)], ClientRequestToken }),
        );
      await send("a");
      await waitUntil("another transaction with the same token is done", () => send("b"), 10_000);
    });
  });

  test("that is cancelled says why for each of its parts, and leaves every row as it was", async () => {
    const { client, table: TableName, putNew, put, rows } = await createItems(aws);
    const taken = row("taken", 3, { attributes: { M: { origin: { S: "" } } } });
    for (const each of [taken, row("updated"), row("deleted")]) await put(each);
    const before = await rows();
    const ifVersion = (version: number) => ({
      ConditionExpression: "version = :version",
      ExpressionAttributeValues: { ":version": { N: String(version) } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    });
    const update = {
      TableName,
      Key: { id: { S: "updated" } },
      UpdateExpression: "SET quantity = quantity + :delta",
      ExpressionAttributeValues: { ":delta": { N: "1" } },
    };
    const parts: TransactWriteItem[] = [
      { Update: update },
      { Delete: { TableName, Key: { id: { S: "deleted" } } } },
      putNew("new"),
      { Put: { TableName, Item: row("taken"), ...ifVersion(7) } },
      { Delete: { TableName, Key: { id: { S: "absent" } }, ...ifVersion(1) } },
    ];
    const failed = { Code: "ConditionalCheckFailed" };
    await expect(
      client.send(new TransactWriteItemsCommand({ TransactItems: parts })),
    ).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [
        { Code: "None" },
        { Code: "None" },
        { Code: "None" },
        { ...failed, Item: taken },
        failed,
      ],
    });
    expect(await rows()).toEqual(before);
  });
});

test("the maximum on-demand throughput of table and index is kept, changed and taken away", async () => {
  const client = new DynamoDBClient(aws.config);
  const TableName = uniqueName("table");
  const limits = (read: number, write: number) => ({
    OnDemandThroughput: { MaxReadRequestUnits: read, MaxWriteRequestUnits: write },
  });
  const { input } = tableOf(TableName);
  const [index] = input.GlobalSecondaryIndexes ?? [];
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      ...input,
      ...limits(1, 2),
      GlobalSecondaryIndexes: index && [{ ...index, ...limits(3, 4) }],
    }),
  );
  expect(TableDescription).toMatchObject({
    ...limits(1, 2),
    GlobalSecondaryIndexes: [limits(3, 4)],
  });
  await client.send(
    new UpdateTableCommand({
      TableName,
      OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: 5 },
      GlobalSecondaryIndexUpdates: [{ Update: { IndexName: "by-id", ...limits(6, 7) } }],
    }),
  );
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({ GlobalSecondaryIndexes: [limits(6, 7)] });
  expect(Table?.OnDemandThroughput).toEqual({ MaxWriteRequestUnits: 5 });
});

test("rows that were read or replaced are not kept", async () => {
  const { put, rows } = await createItems(aws);
  await put(row("a"));
  await put(row("a"));
  await rows();
  // Where moto shows what it keeps besides its tables.
  const kept = await fetch(`${aws.endpoint}/moto-api/data.json`, {
    headers: { authorization: `Bearer ${aws.controlSecret}` },
  });
  expect(await kept.json()).toMatchObject({ dynamodb: { Item: [] } });
});

describe("an expression", () => {
  const value = { ":v": { S: "1" } };
  const unused = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}";
  const undefinedIn = (expression: string) =>
    `Invalid ${expression}: An expression attribute value used in expression is not defined; attribute value: :v`;

  test.each([
    ["with a value that it does not use", "attribute_not_exists(id)", value, unused],
    ["with a value that it is not given", "id = :v", undefined, undefinedIn("ConditionExpression")],
  ])("%s is refused, in a transaction too", async (_, condition, values, message) => {
    const { client, table: TableName, rows } = await createItems(aws);
    const write = {
      TableName,
      Item: row("a"),
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    };
    const refused = { name: "ValidationException", message };
    await expect(client.send(new PutItemCommand(write))).rejects.toMatchObject(refused);
    await expect(
      client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: write }] })),
    ).rejects.toMatchObject(refused);
    expect(await rows()).toEqual([]);
  });

  test("names a key that is a reserved word by a placeholder", async () => {
    const { client, table: TableName } = await createItems(aws);
    const query = {
      TableName,
      IndexName: "by-quantity",
      ExpressionAttributeValues: { ":shard": { N: "0" }, ":max": { N: "5" } },
    };
    await expect(
      client.send(
        new QueryCommand({
          ...query,
          KeyConditionExpression: "shard = :shard AND quantity BETWEEN :max AND :max",
        }),
      ),
    ).rejects.toMatchObject({
      name: "ValidationException",
      message:
        "Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: shard",
    });
    await client.send(
      new QueryCommand({
        ...query,
        KeyConditionExpression: "#shard = :shard AND quantity BETWEEN :max AND :max",
        ExpressionAttributeNames: { "#shard": "shard" },
      }),
    );
  });
});

describe("pages", () => {
  const reads = [
    ["of a table", undefined],
    ["of an index", "by-quantity"],
  ] as const;

  test.each(reads)("%s: a full one may be the last, and an empty one follows", async (_, index) => {
    const { put, page } = await createItems(aws);
    await put(row("a"));
    await put(row("b"));
    const full = await page(index, 2);
    expect(full).toMatchObject({ ids: ["a", "b"], next: { id: { S: "b" } } });
    expect(await page(index, 2, full.next)).toEqual({ ids: [], next: undefined });
    expect(await page(index, 3)).toEqual({ ids: ["a", "b"], next: undefined });
  });

  test.each(reads)("%s: a start key of other keys is refused", async (_, index) => {
    const { page } = await createItems(aws);
    const starts: Row[] = [{ other: { S: "a" } }, { id: { N: "1" } }];
    for (const start of starts) {
      await expect(page(index, 2, start)).rejects.toMatchObject({
        name: "ValidationException",
        message: "The provided starting key is invalid",
      });
    }
  });

  test.each(reads)("%s: rows that come and go do not move those that stay", async (_, index) => {
    const { put, page, remove } = await createItems(aws);
    const stay = Array.from({ length: 10 }, (_, i) => `stays-${i}`);
    for (const id of [...stay, "goes-a", "goes-b"].sort().reverse()) await put(row(id));
    const seen: string[] = [];
    let next: Row | undefined;
    do {
      const read = await page(index, 3, next);
      seen.push(...read.ids.filter((id) => id.startsWith("stays")));
      next = read.next;
      const last = next?.id?.S ?? "";
      if (last.startsWith("goes")) await remove(last);
      await put(row(uniqueName("comes")));
    } while (next && seen.length < 20);
    expect(seen.sort()).toEqual(stay);
  });
});
