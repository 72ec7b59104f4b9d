import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import type { Item } from "../item";
import { StoreUnavailableError } from "../item-repository";
import { itemOf, type Row } from "./item-row";
import { answered } from "./store-error";

/** The largest number of keys that DynamoDB accepts in one call. */
const KEYS_PER_CALL = 100;

/** How often a key is requested while DynamoDB leaves it out of its answers. */
const ATTEMPTS = 5;

/** The longest pause before the second attempt. It doubles with each further attempt. */
const FIRST_PAUSE_MS = 50;

/** Reads items by id. Ids that are requested together are read in one call. */
export interface ItemReader {
  /**
   * Reads the item as it is at some time after this call. With `consistent`, every earlier write is
   * seen; otherwise the item may lag behind. Rejects with `StoreUnavailableError` when DynamoDB is
   * unreachable, throttles, or keeps leaving this item out.
   */
  read(id: string, consistent: boolean): Promise<Item | undefined>;
}

interface ItemReaderProps {
  readonly client: DynamoDBClient;
  /** Partition key `id` (S). */
  readonly tableName: string;
}

/** A pending read of one id, for one or more callers. */
interface Read {
  readonly id: string;
  readonly result: Promise<Item | undefined>;
  readonly resolve: (item: Item | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A reader that combines the reads of one turn of the event loop into one `BatchGetItem`. One call
 * per read would cost more processor time than everything else in a request (docs/decisions/0010).
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

/**
 * Reads all ids of `reads`, and repeats those that DynamoDB leaves out because it is throttling.
 */
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
    // Rejecting has no effect on reads that are already resolved.
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
