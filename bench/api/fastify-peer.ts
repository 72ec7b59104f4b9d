/**
 * The peer: a service for the same items, written with Fastify 5 as its documentation shows, with
 * one call to DynamoDB for each request.
 */
import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient,
  GetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import Fastify from "fastify";

const { PORT, ITEMS_TABLE, CLAIMS_TABLE } = process.env;
const MAX_QUANTITY = 1_000_000_000;

const text = (minLength: number, maxLength: number) => ({
  type: "string",
  minLength,
  maxLength,
  pattern: "^\\P{Cs}*$",
});

const newItemProperties = {
  sku: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$" },
  name: text(1, 200),
  quantity: { type: "integer", minimum: 0, maximum: MAX_QUANTITY },
  unitPrice: { type: "string", pattern: "^(0|[1-9]\\d{0,11})(\\.\\d{1,4})?$" },
  description: text(0, 2000),
  attributes: {
    type: "object",
    maxProperties: 50,
    propertyNames: text(1, 64),
    additionalProperties: text(0, 500),
  },
};

const newItemSchema = {
  type: "object",
  required: ["sku", "name", "quantity", "unitPrice"],
  additionalProperties: false,
  properties: newItemProperties,
};

const itemSchema = {
  type: "object",
  properties: {
    id: { type: "string" },
    ...newItemProperties,
    createdAt: { type: "string" },
    updatedAt: { type: "string" },
    version: { type: "integer" },
  },
};

const adjustmentSchema = {
  type: "object",
  required: ["delta"],
  additionalProperties: false,
  properties: {
    delta: { type: "integer", minimum: -MAX_QUANTITY, maximum: MAX_QUANTITY, not: { const: 0 } },
  },
};

interface NewItem {
  readonly sku: string;
}

interface ById {
  readonly id: string;
}

// By default, Fastify drops unknown fields and coerces types. Here it rejects them, as the API
// does.
const fastify = Fastify({
  logger: true,
  ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
});

const documents = DynamoDBDocumentClient.from(
  new DynamoDBClient({
    requestHandler: { httpsAgent: { maxSockets: 200 }, httpAgent: { maxSockets: 200 } },
  }),
);

fastify.get<{ Params: ById }>(
  "/items/:id",
  { schema: { response: { 200: itemSchema } } },
  async (request, reply) => {
    const { id } = request.params;
    const { Item } = await documents.send(new GetCommand({ TableName: ITEMS_TABLE, Key: { id } }));
    return Item ?? reply.code(404).send({ error: "Not Found" });
  },
);

fastify.post<{ Body: NewItem }>(
  "/items",
  { schema: { body: newItemSchema, response: { 201: itemSchema } } },
  async (request, reply) => {
    const now = new Date().toISOString();
    const id = randomUUID();
    const item = { id, ...request.body, createdAt: now, updatedAt: now, version: 1 };
    const shard = Number.parseInt(id.charAt(0), 16) % 4;
    await documents.send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Put: {
              TableName: CLAIMS_TABLE,
              Item: { claim: `sku#${item.sku}`, item: id },
              ConditionExpression: "attribute_not_exists(claim)",
            },
          },
          {
            Put: {
              TableName: ITEMS_TABLE,
              Item: { ...item, shard },
              ConditionExpression: "attribute_not_exists(id)",
            },
          },
        ],
      }),
    );
    return reply.code(201).send(item);
  },
);

fastify.post<{ Params: ById; Body: { readonly delta: number } }>(
  "/items/:id/adjustments",
  { schema: { body: adjustmentSchema, response: { 200: itemSchema } } },
  async (request) => {
    const { delta } = request.body;
    const { Attributes } = await documents.send(
      new UpdateCommand({
        TableName: ITEMS_TABLE,
        Key: { id: request.params.id },
        UpdateExpression:
          "SET quantity = quantity + :delta, version = version + :one, updatedAt = :now",
        ConditionExpression: "quantity BETWEEN :least AND :most",
        ExpressionAttributeValues: {
          ":delta": delta,
          ":one": 1,
          ":now": new Date().toISOString(),
          ":least": Math.max(0, -delta),
          ":most": MAX_QUANTITY - Math.max(0, delta),
        },
        ReturnValues: "ALL_NEW",
      }),
    );
    return Attributes;
  },
);

fastify.listen({ port: Number(PORT), host: "127.0.0.1" }).catch((error: unknown) => {
  fastify.log.error(error);
  process.exit(1);
});
