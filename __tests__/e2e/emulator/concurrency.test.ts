import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createBucket, tableOf } from "../support/emulated-resources";
import { uniqueName } from "../support/unique-name";
import { useEmulator } from "../support/use-emulator";

/** Makes what can go wrong between two threads do so: they take turns often, and S3 dawdles. */
const RACE = `
import sys, time
from moto.s3.models import S3Backend

sys.setswitchinterval(1e-6)
get_object = S3Backend.get_object

def dawdling_get_object(*args, **kwargs):
    found = get_object(*args, **kwargs)
    time.sleep(0.01)
    return found

S3Backend.get_object = dawdling_get_object
`;

const aws = useEmulator({ sitecustomize: RACE });
const config = { ...aws.config, maxAttempts: 1 };

test("fifty at once take thirty in stock down to zero and no further", async () => {
  const { table, client } = await createTable();
  for (let round = 0; round < 10; round++) {
    const Key = { id: { S: `round-${round}` } };
    await client.send(
      new PutItemCommand({ TableName: table, Item: { ...Key, stock: { N: "30" } } }),
    );
    const taken = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key,
            UpdateExpression: "SET stock = stock - :one",
            ConditionExpression: "stock >= :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
          }),
        ),
      ),
    );
    expect(taken.filter(({ status }) => status === "fulfilled")).toHaveLength(30);
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
    expect(Item?.stock).toEqual({ N: "0" });
  }
});

test("of transactions at once that put the same item, one wins and the others are cancelled", async () => {
  const { table, client } = await createTable();
  for (let round = 0; round < 5; round++) {
    const put = (id: string) => ({
      Put: {
        TableName: table,
        Item: { id: { S: id } },
        ConditionExpression: "attribute_not_exists(id)",
      },
    });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        client.send(
          new TransactWriteItemsCommand({
            TransactItems: [put(`same-${round}`), put(`other-${round}-${i}`)],
          }),
        ),
      ),
    );
    expect(errorNames(results)).toEqual(
      Array.from({ length: 19 }, () => "TransactionCanceledException"),
    );
  }
});

test("of lock files put at once where there is none, one is kept", async () => {
  const client = new S3Client(config);
  const { Bucket } = await createBucket(aws);
  for (let round = 0; round < 3; round++) {
    const lock = { Bucket, Key: `lock-${round}`, Body: "1", IfNoneMatch: "*" };
    const puts = await Promise.allSettled(
      Array.from({ length: 20 }, () => client.send(new PutObjectCommand(lock))),
    );
    expect(errorNames(puts)).toEqual(Array.from({ length: 19 }, () => "PreconditionFailed"));
  }
});

async function createTable() {
  const table = uniqueName("table");
  const client = new DynamoDBClient(config);
  await client.send(tableOf(table));
  return { table, client };
}

const errorNames = (results: PromiseSettledResult<unknown>[]) =>
  results.flatMap((result) =>
    result.status === "rejected" ? [(result.reason as Error).name] : [],
  );
