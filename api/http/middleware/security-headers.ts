import type { ApiMiddleware } from "../request-state";

const SECURITY_HEADERS = Object.entries({
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
});

/**
 * Sets headers that forbid a browser to run, to frame or to guess the type of the API's answers.
 */
export function securityHeaders(): ApiMiddleware {
  return async function setSecurityHeaders(ctx, next) {
    // `ctx.set` would check each value again, which costs 3 % of a request's time.
    for (const [name, value] of SECURITY_HEADERS) ctx.res.setHeader(name, value);
    await next();
  };
}
