import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Router from "@koa/router";
import { constantContent } from "../http/constant-content";
import { Problem } from "../http/problem";
import type { ApiMiddleware, ApiRouter, RequestState } from "../http/request-state";

/** The page runs its own files alone, and talks to this API alone. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The library's icons are in its style sheet.
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * `GET /docs`: the OpenAPI document as a page, and the two files that it consists of.
 *
 * @param folder where `npm run build` made them. @default - all answers are 404, and say how to
 */
export function docsRoutes(folder: string | undefined): ApiRouter {
  const file = (name: string, type: string): ApiMiddleware => {
    const path = folder && join(folder, name);
    if (!path || !existsSync(path)) return notBuilt;
    return constantContent(`${type}; charset=utf-8`, readFileSync(path));
  };
  return new Router<RequestState>()
    .get("/docs", contentSecurityPolicy, file("page.html", "text/html"))
    .get("/docs/page.css", file("page.css", "text/css"))
    .get("/docs/page.js", file("page.js", "text/javascript"));
}

const contentSecurityPolicy: ApiMiddleware = async (ctx, next) => {
  ctx.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  await next();
};

function notBuilt(): never {
  throw new Problem(404, "The page is not built: run `npm run build`, and start dist/server.js.");
}
