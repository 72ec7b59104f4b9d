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

/** All named schemas, as the document's components. */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: pathOf, override: simplify });
  for (const schema of Object.values(schemas)) leaveOutAddress(schema);
  return schemas;
}

/** A reference to a named schema. */
export const schemaReference = (name: SchemaName) => ({ $ref: pathOf(name) });

/** The parameters of a query as they are after parsing: `"5"` is described as the integer 5. */
export function queryParameters({ shape }: z.ZodObject) {
  return Object.entries(shape).map(([name, member]) =>
    parameter(name, "query", member as z.ZodType),
  );
}

/** A parameter of a request. Path parameters are required, all others are optional. */
export function parameter(name: string, location: "path" | "query" | "header", member: z.ZodType) {
  const json = z.toJSONSchema(member);
  leaveOutAddress(json);
  const { description, ...schema } = json;
  return { name, in: location, required: location === "path", description, schema };
}

const pathOf = (name: string) => `#/components/schemas/${name}`;

/** A schema inside the document needs no `$id` and no `$schema` of its own. */
function leaveOutAddress(schema: JsonSchema) {
  delete schema.$id;
  delete schema.$schema;
}

/**
 * The format `date-time` replaces Zod's pattern of 300 characters. The pattern for well-formed
 * Unicode is left out, because JSON in UTF-8 is always well-formed and other tools do not support
 * the pattern.
 */
function simplify({ jsonSchema }: { jsonSchema: JsonSchema }) {
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
  if (jsonSchema.pattern === WELL_FORMED.source) delete jsonSchema.pattern;
}
