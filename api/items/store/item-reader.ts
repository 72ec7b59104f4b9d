import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import type { Item } from "../item";
import { StoreUnavailableError } from "../item-repository";
import { itemOf, type Row } from "./item-row";
import { answered } from "./store-error";

/** As many keys as DynamoDB takes in one call. */
const KEYS_PER_CALL = 100;

/** How often a key is asked for, as long as DynamoDB leaves it out of its answers. */
const ATTEMPTS = 5;

/** Longest pause before the second attempt; it doubles with each one after it. */
const FIRST_PAUSE_MS = 50;

/** Reads items by their ids, those that are asked for together in one call. */
export interface ItemReader {
  /**
   * The item as it is at some time after this call. `consistent`: sees every write that came before;
   * else it may lag behind. Rejects with `StoreUnavailableError` when DynamoDB is away, throttles,
   * or goes on leaving this item out.
   */
  read(id: string, consistent: boolean): Promise<Item | undefined>;
}

interface ItemReaderProps {
  readonly client: DynamoDBClient;
  /** Partition key `id` (S). */
  readonly tableName: string;
}

/** One read that has been asked for, by one or more. */
interface Read {
  readonly id: string;
  readonly result: Promise<Item | undefined>;
  readonly resolve: (item: Item | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A reader that makes one `BatchGetItem` of the reads of one turn of the event loop: a call for each
 * costs more processor time than all else that a request needs (docs/decisions/0010).
 */
export function createItemReader(props: ItemReaderProps): ItemReader {
  const lagging = gatheringReads(props, false);
  const consistent = gatheringReads(props, true);
  return { read: (id, isConsistent) => (isConsistent ? consistent : lagging)(id) };
}

function gatheringReads(props: ItemReaderProps, consistent: boolean) {
  let gathered = new Map<string, Read>();

  function send() {
    const reads = [...gathered.values()];
    // A read that arrives after this line gets a call of its own, because a write may finish in between.
    gathered = new Map();
    for (let i = 0; i < reads.length; i += KEYS_PER_CALL) {
      void settle(props, consistent, reads.slice(i, i + KEYS_PER_CALL));
    }
  }

  return (id: string) => {
    // setImmediate runs when Node has handled all requests that have arrived, and before it waits for more.
    if (gathered.size === 0) setImmediate(send);
    const read = gathered.get(id) ?? newRead(id);
    gathered.set(id, read);
    return read.result;
  };
}

function newRead(id: string): Read {
  let resolve!: Read["resolve"];
  let reject!: Read["reject"];
  const result = new Promise<Item | undefined>((onItem, onError) => {
    resolve = onItem;
    reject = onError;
  });
  return { id, result, resolve, reject };
}

/** Asks for all of `reads`, and again for those that DynamoDB leaves out to spare itself. */
async function settle(
  props: ItemReaderProps,
  consistent: boolean,
  reads: readonly Read[],
  attempt = 1,
): Promise<void> {
  try {
    const { rows, unprocessed } = await batchGet(props, consistent, reads);
    const left = reads.filter(({ id }) => unprocessed.has(id));
    for (const read of reads) if (!unprocessed.has(read.id)) answer(read, rows.get(read.id));
    if (left.length === 0) return;
    if (attempt === ATTEMPTS) throw new StoreUnavailableError();
    await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** (attempt - 1));
    await settle(props, consistent, left, attempt + 1);
  } catch (error) {
    // Those that have their answer keep it.
    for (const read of reads) read.reject(error);
  }
}

async function batchGet(
  { client, tableName }: ItemReaderProps,
  consistent: boolean,
  reads: readonly Read[],
) {
  const Keys = reads.map(({ id }) => ({ id: { S: id } }));
  const command = new BatchGetItemCommand({
    RequestItems: { [tableName]: { Keys, ConsistentRead: consistent } },
  });
  const { Responses, UnprocessedKeys } = await answered(client.send(command));
  const rows = Responses?.[tableName] ?? [];
  const left = UnprocessedKeys?.[tableName]?.Keys ?? [];
  return {
    rows: new Map(rows.map((row) => [row.id?.S, row])),
    unprocessed: new Set(left.map(({ id }) => id?.S)),
  };
}

function answer(read: Read, row: Row | undefined) {
  try {
    read.resolve(row && itemOf(row));
  } catch (error) {
    read.reject(error);
  }
}
