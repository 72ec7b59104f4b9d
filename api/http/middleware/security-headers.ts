import type { ApiMiddleware } from "../request-state";

const SECURITY_HEADERS = Object.entries({
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
});

/** Sets headers with which a browser runs, frames and guesses nothing of what the API answers. */
export function securityHeaders(): ApiMiddleware {
  return async function setSecurityHeaders(ctx, next) {
    // Not by `ctx.set`, which looks each value over: that is 3 % of a request.
    for (const [name, value] of SECURITY_HEADERS) ctx.res.setHeader(name, value);
    await next();
  };
}
