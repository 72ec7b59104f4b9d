import Router from "@koa/router";
import { constantContent } from "../constant-content";
import type { ApiRouter, RequestState } from "../request-state";
import { openApiDocument } from "./document";

/** `GET /openapi.json`. */
export function openApiRoutes(): ApiRouter {
  const text = JSON.stringify(openApiDocument());
  return new Router<RequestState>().get("/openapi.json", constantContent("application/json", text));
}
