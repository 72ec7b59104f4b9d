import { idempotencyKeySchema } from "../items/idempotency";
import { idSchema } from "../items/item";
import { problemTypes } from "../items/item-problems";
import { listParametersSchema } from "../items/list-query";
import { PATCH_TYPES, readParametersSchema } from "../items/routes";
import { commonProblems, empty, json, problem, problems } from "./responses";
import { parameter, queryParameters, schemaReference, type SchemaName } from "./schemas";

const id = parameter("id", "path", idSchema);
const idempotencyKey = parameter("Idempotency-Key", "header", idempotencyKeySchema);

const etag = (name: string, description: string, required: boolean) => ({
  name,
  in: "header",
  required,
  description,
  schema: { type: "string" },
});
const ifNoneMatch = etag("If-None-Match", "The ETag of the item that you have.", false);
const ifMatch = etag(
  "If-Match",
  "The ETag of the item that you have, or `*` for any version.",
  true,
);

const body = (schema: SchemaName, types = ["application/json"]) => ({
  required: true,
  content: Object.fromEntries(types.map((type) => [type, { schema: schemaReference(schema) }])),
});

const itemProblems = {
  ...commonProblems,
  406: problem(406, "The answer is JSON, which the Accept header refuses."),
  503: problem(503, "The items cannot be reached at the moment. Try again later.", {
    headers: ["Retry-After"],
  }),
};

const bodyProblems = {
  ...itemProblems,
  400: problem(400, "The body or a header is not valid: see errors.", {
    errors: [{ detail: "Too small: expected number to be >=0", pointer: "/quantity" }],
  }),
  413: problem(413, "The body is too large."),
};

const wrongQuery = problem(400, "The query is not valid: see errors.", {
  errors: [{ detail: "Unknown field: remove it", parameter: "limmit" }],
});

const notFound = problem(404, "There is no item with this id.");
const notMatched = problem(412, "The item has changed: read it again, and send its ETag.");
const matchMissing = problem(428, "The request has no If-Match: send the item's ETag.");
const wrongType = (header: "Accept-Post" | "Accept-Patch") =>
  problem(415, "The body is not JSON, or has an unknown encoding.", { headers: [header] });

const skuTaken = { [problemTypes.skuTaken]: "Another item has this sku." };
const quantityOutOfBounds = {
  [problemTypes.quantityOutOfBounds]: "The item's quantity does not allow this change.",
};
const requestInFlight = {
  [problemTypes.requestInFlight]: "A request with this Idempotency-Key is in flight.",
};
const keyReused = problems(422, {
  [problemTypes.keyReused]: "This Idempotency-Key was used for another request before.",
});

/** The paths below `/items`. */
export const itemPaths = {
  "/items": {
    get: {
      operationId: "listItems",
      tags: ["items"],
      summary: "List items",
      description:
        "Lists items page by page, in no particular order. An item that exists throughout is listed exactly once, even if other items are created or deleted meanwhile.",
      parameters: queryParameters(listParametersSchema),
      responses: {
        200: json("A page of the list.", "ItemPage", ["Link"]),
        400: wrongQuery,
        ...itemProblems,
      },
    },
    post: {
      operationId: "createItem",
      tags: ["items"],
      summary: "Create an item",
      parameters: [idempotencyKey],
      requestBody: body("NewItem"),
      responses: {
        201: json("The new item.", "Item", ["Location", "ETag"]),
        409: problems(409, { ...skuTaken, ...requestInFlight }, { headers: ["Retry-After"] }),
        415: wrongType("Accept-Post"),
        422: keyReused,
        ...bodyProblems,
      },
    },
  },
  "/items/{id}": {
    get: {
      operationId: "readItem",
      tags: ["items"],
      summary: "Read an item",
      parameters: [id, ...queryParameters(readParametersSchema), ifNoneMatch],
      responses: {
        200: json("The item.", "Item", ["ETag"]),
        304: empty("The item has not changed.", ["ETag"]),
        400: wrongQuery,
        404: notFound,
        ...itemProblems,
      },
    },
    patch: {
      operationId: "changeItem",
      tags: ["items"],
      summary: "Change an item",
      description:
        "Applies a JSON Merge Patch (RFC 7396): the fields in it are replaced, or removed when they are null. All other fields stay unchanged.",
      parameters: [id, ifMatch],
      requestBody: body("ItemPatch", PATCH_TYPES),
      responses: {
        200: json("The changed item.", "Item", ["ETag"]),
        404: notFound,
        409: problems(409, skuTaken),
        412: notMatched,
        415: wrongType("Accept-Patch"),
        428: matchMissing,
        ...bodyProblems,
      },
    },
    delete: {
      operationId: "deleteItem",
      tags: ["items"],
      summary: "Delete an item",
      parameters: [id, ifMatch],
      responses: {
        204: empty("The item is deleted."),
        404: notFound,
        412: notMatched,
        428: matchMissing,
        ...itemProblems,
      },
    },
  },
  "/items/{id}/adjustments": {
    post: {
      operationId: "adjustQuantity",
      tags: ["items"],
      summary: "Add units to the stock or remove them",
      description:
        "Changes the quantity atomically. No change is lost when several clients change it at the same time, and the stock never goes below zero.",
      parameters: [id, idempotencyKey, { ...ifMatch, required: false }],
      requestBody: body("Adjustment"),
      responses: {
        200: json("The changed item.", "Item", ["ETag"]),
        404: notFound,
        409: problems(
          409,
          { ...quantityOutOfBounds, ...requestInFlight },
          { headers: ["Retry-After"] },
        ),
        412: notMatched,
        415: wrongType("Accept-Post"),
        422: keyReused,
        ...bodyProblems,
      },
    },
  },
};
