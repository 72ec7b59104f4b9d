import Router from "@koa/router";
import { jsonBody } from "../middleware/json-body";
import { Problem } from "../problem";
import type { ApiRouter, RequestState } from "../request-state";
import { validBody, validQuery } from "../validation";
import { createItem, isItemId, newItemSchema } from "./item";
import type { ItemRepository } from "./item-repository";
import { encodeCursor, pageQuerySchema } from "./page-query";

/** `GET /items`, `POST /items` and `GET /items/{id}`. */
export function itemRoutes(repository: ItemRepository): ApiRouter {
  return new Router<RequestState>()
    .get("/items", async (ctx) => {
      const { limit, cursor } = validQuery(pageQuerySchema, ctx.query);
      const page = await repository.list({ limit, after: cursor });
      const next = page.next === undefined ? null : encodeCursor(page.next);
      if (next !== null) ctx.set("Link", `</items?limit=${limit}&cursor=${next}>; rel="next"`);
      ctx.body = { items: page.items, next };
    })
    .post("/items", jsonBody(), async (ctx) => {
      const item = createItem(validBody(newItemSchema, ctx.request.body));
      await repository.put(item);
      ctx.status = 201;
      ctx.set("Location", `/items/${item.id}`);
      ctx.body = item;
    })
    .get("/items/:id", async (ctx) => {
      const id = ctx.params.id ?? "";
      const item = isItemId(id) ? await repository.get(id) : undefined;
      if (item === undefined) throw new Problem(404, "There is no item with this id.");
      ctx.body = item;
    });
}
