import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../item";

/** A row as DynamoDB's API has it. */
export type Row = Record<string, AttributeValue>;

/** The index of quantities is split in so many parts: one alone takes 1,000 writes a second. */
export const SHARDS = 4;

/** In which part of the index of quantities an item is. */
export const shardOf = (id: string) => Number.parseInt(id.charAt(0), 16) % SHARDS;

/** The row of the table `items` in which an item is kept. */
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
 * The item that a row holds. DynamoDB keeps no order of attributes: they come sorted by name.
 *
 * @throws Error naming the row when it is none of ours
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
