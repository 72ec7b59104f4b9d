import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../item";

/** A row in the format of DynamoDB's API. */
export type Row = Record<string, AttributeValue>;

/**
 * The index of quantities is divided into this many partitions, because one partition accepts only
 * 1,000 writes a second.
 */
export const SHARDS = 4;

/** The partition of the index of quantities that holds an item. */
export const shardOf = (id: string) => Number.parseInt(id.charAt(0), 16) % SHARDS;

/** Converts an item into its row in the table `items`. */
export function rowOf(item: Item): Row {
  const { quantity, version, description, attributes, ...texts } = item;
  return {
    ...mapValues(texts, (S) => ({ S })),
    quantity: { N: String(quantity) },
    version: { N: String(version) },
    shard: { N: String(shardOf(item.id)) },
    ...(description !== undefined && { description: { S: description } }),
    ...(attributes && { attributes: { M: mapValues(attributes, (S) => ({ S })) } }),
  };
}

/**
 * Converts a row into its item. DynamoDB does not preserve the order of attributes, so they are
 * sorted by name.
 *
 * @throws Error naming the row when this API did not write it
 */
export function itemOf(row: Row): Item {
  const { description, attributes } = row;
  return {
    id: textIn(row, "id"),
    sku: textIn(row, "sku"),
    name: textIn(row, "name"),
    quantity: numberIn(row, "quantity"),
    unitPrice: textIn(row, "unitPrice"),
    ...(description && { description: textIn(row, "description") }),
    ...(attributes && { attributes: attributesIn(attributes.M ?? {}) }),
    createdAt: textIn(row, "createdAt"),
    updatedAt: textIn(row, "updatedAt"),
    version: numberIn(row, "version"),
  };
}

function attributesIn(map: Row): Record<string, string> {
  const names = Object.keys(map).sort();
  return Object.fromEntries(names.map((name) => [name, textIn(map, name)]));
}

function textIn(row: Row, name: string): string {
  const text = row[name]?.S;
  if (text === undefined) throw notAnItem(row, name);
  return text;
}

function numberIn(row: Row, name: string): number {
  const number = Number(row[name]?.N);
  if (!Number.isSafeInteger(number)) throw notAnItem(row, name);
  return number;
}

const notAnItem = (row: Row, name: string) =>
  new Error(`The row with id ${row.id?.S ?? "?"} is not an item: ${name} is missing or wrong`);

const mapValues = <In, Out>(values: Record<string, In>, map: (value: In) => Out) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
