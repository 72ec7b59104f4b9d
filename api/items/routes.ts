import Router from "@koa/router";
import { z } from "zod";
import { jsonAnswer } from "../http/middleware/json-answer";
import { jsonBody } from "../http/middleware/json-body";
import { Problem } from "../http/problem";
import type { ApiContext, ApiMiddleware, ApiRouter, RequestState } from "../http/request-state";
import { validBody, validQuery } from "../http/validation";
import { oneInFlight, repeatableRequest } from "./idempotency";
import {
  adjustmentSchema,
  changedItem,
  createItem,
  isItemId,
  itemPatchSchema,
  newItemOf,
  newItemSchema,
  type Item,
} from "./item";
import { itemProblems } from "./item-problems";
import type { ItemPage, ItemRepository, PageRequest } from "./item-repository";
import { encodeCursor, listQuerySchema, pagePath, type Filter } from "./list-query";
import { mergePatch } from "./merge-patch";
import { etagOf, matchingVersions, requireMatch } from "./preconditions";

export const PATCH_TYPES = ["application/merge-patch+json", "application/json"];

/** The query of `GET /items/{id}`. */
export const readParametersSchema = z.strictObject({
  consistent: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "`true` sees every earlier write and costs twice as much." }),
});

/**
 * All routes below `/items`.
 *
 * @param authorize middleware that rejects requests without permission. @default - all requests
 * pass
 */
export function itemRoutes(
  repository: ItemRepository,
  authorize: ApiMiddleware = (_ctx, next) => next(),
): ApiRouter {
  const onlyOne = oneInFlight();
  const read = async (ctx: ApiContext, consistent: boolean) =>
    existing(isItemId(idOf(ctx)) ? await repository.get(idOf(ctx), consistent) : undefined);

  return new Router<RequestState>({ prefix: "/items" })
    .use(authorize, jsonAnswer(), itemProblems())
    .get("/", async (ctx) => {
      const { limit, filter, after } = validQuery(listQuerySchema, ctx.query);
      const { items, next } = await list(repository, filter, { limit, after });
      if (next) ctx.set("Link", `<${pagePath(limit, filter, next)}>; rel="next"`);
      ctx.body = { items, next: next ? encodeCursor(next, filter) : null };
    })
    .post("/", jsonBody(), async (ctx) => {
      const newItem = validBody(newItemSchema, ctx.state.body);
      const request = repeatableRequest(ctx, newItem);
      const item = await onlyOne(request, () => repository.create(createItem(newItem), request));
      ctx.status = 201;
      ctx.set("Location", `/items/${item.id}`);
      answer(ctx, item);
    })
    .get("/:id", async (ctx) => {
      const { consistent } = validQuery(readParametersSchema, ctx.query);
      answer(ctx, await read(ctx, consistent === "true"));
      if (ctx.headers["if-none-match"] !== undefined && ctx.fresh) ctx.status = 304;
    })
    .patch("/:id", jsonBody({ types: PATCH_TYPES }), async (ctx) => {
      const patch = validBody(itemPatchSchema, ctx.state.body);
      const item = await read(ctx, true);
      requireMatch(ctx, item);
      const patched = validBody(newItemSchema, mergePatch(newItemOf(item), patch));
      const changed = changedItem(item, patched);
      await repository.replace(item, changed);
      answer(ctx, changed);
    })
    .delete("/:id", async (ctx) => {
      const item = await read(ctx, true);
      requireMatch(ctx, item);
      await repository.remove(item);
      ctx.status = 204;
    })
    .post("/:id/adjustments", jsonBody(), async (ctx) => {
      const id = idOf(ctx);
      const { delta } = validBody(adjustmentSchema, ctx.state.body);
      const request = repeatableRequest(ctx, { delta });
      const adjustment = { delta, versions: matchingVersions(ctx) };
      const adjust = () => repository.adjust(id, adjustment, request);
      answer(ctx, existing(isItemId(id) ? await onlyOne(request, adjust) : undefined));
    });
}

async function list(
  repository: ItemRepository,
  { sku, maxQuantity }: Filter,
  page: PageRequest,
): Promise<ItemPage> {
  if (maxQuantity !== undefined) return repository.listLowStock(maxQuantity, page);
  if (sku === undefined) return repository.list(page);
  const item = await repository.findBySku(sku);
  return { items: item ? [item] : [], next: undefined };
}

const idOf = (ctx: ApiContext) => ctx.params.id ?? "";

function existing(item: Item | undefined): Item {
  if (!item) throw new Problem(404, "There is no item with this id.");
  return item;
}

function answer(ctx: ApiContext, item: Item): void {
  ctx.set("ETag", etagOf(item));
  ctx.body = item;
}
