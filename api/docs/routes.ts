import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Router from "@koa/router";
import { constantContent } from "../http/constant-content";
import { Problem } from "../http/problem";
import type { ApiMiddleware, ApiRouter, RequestState } from "../http/request-state";

/** The page may load only its own files and may connect only to this API. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The style sheet of the library contains its icons as data URLs.
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * `GET /docs` and the two files that the page needs. The page shows the OpenAPI document.
 *
 * @param folder where `npm run build` wrote the files. @default - every answer is 404 and names
 * that command
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
