import Router from "@koa/router";
import { constantContent } from "../http/constant-content";
import type { ApiRouter, RequestState } from "../http/request-state";
import { openApiDocument, type DocumentOptions } from "./document";

/** `GET /openapi.json`. */
export function openApiRoutes(options: DocumentOptions): ApiRouter {
  const text = JSON.stringify(openApiDocument(options));
  return new Router<RequestState>().get("/openapi.json", constantContent("application/json", text));
}
