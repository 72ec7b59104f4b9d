import { z } from "zod";
import {
  WELL_FORMED,
  adjustmentSchema,
  itemPageSchema,
  itemPatchSchema,
  itemSchema,
  newItemSchema,
} from "../items/item";
import { problemSchema } from "../http/problem";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The schemas that have a name in the document. */
const named = {
  Item: itemSchema,
  ItemPage: itemPageSchema,
  NewItem: newItemSchema,
  ItemPatch: itemPatchSchema,
  Adjustment: adjustmentSchema,
  Problem: problemSchema,
};

export type SchemaName = keyof typeof named;

/** All of them, as the document's components. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: pathOf, override: simplify });
  for (const schema of Object.values(schemas)) leaveOutAddress(schema);
  return schemas;
}

/** One of them, wherever a schema stands. */
export const schemaReference = (name: SchemaName) => ({ $ref: pathOf(name) });

/** The members of a query, as they are once they are read: `"5"` is the integer 5. */
export function queryParameters({ shape }: z.ZodObject) {
  return Object.entries(shape).map(([name, member]) =>
    parameter(name, "query", member as z.ZodType),
  );
}

/** What a request has outside of its body. In a path it is required, elsewhere it is optional. */
export function parameter(name: string, location: "path" | "query" | "header", member: z.ZodType) {
  const json = z.toJSONSchema(member);
  leaveOutAddress(json);
  const { description, ...schema } = json;
  return { name, in: location, required: location === "path", description, schema };
}

const pathOf = (name: string) => `#/components/schemas/${name}`;

/** What is part of a document has neither an address nor a dialect of its own. */
function leaveOutAddress(schema: JsonSchema) {
  delete schema.$id;
  delete schema.$schema;
}

/**
 * The format says in one word what Zod's pattern of a time says in three hundred characters. JSON that is
 * sent as UTF-8 is well-formed Unicode anyway, and other people's tools do not know that pattern.
 */
function simplify({ jsonSchema }: { jsonSchema: JsonSchema }) {
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  if (jsonSchema.pattern === WELL_FORMED.source) delete jsonSchema.pattern;
}
