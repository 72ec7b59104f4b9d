import { bodyParser } from "@koa/bodyparser";
import { Problem } from "../problem";
import type { ApiMiddleware } from "../request-state";

interface JsonBodyOptions {
  /** Largest body that is read, after decompression. @default 100_000 */
  readonly maxBytes?: number;
}

/**
 * Reads a JSON body into `ctx.request.body`. Throws a `Problem`: 415 when it is not
 * `application/json`, 413 when it is too large, 400 when it is malformed or has a `__proto__` key.
 */
export function jsonBody({ maxBytes = 100_000 }: JsonBodyOptions = {}): ApiMiddleware {
  const parse = bodyParser({ enableTypes: ["json"], jsonLimit: maxBytes });
  return async function readJsonBody(ctx, next) {
    if (ctx.request.type !== "application/json") throw unsupported(ctx.request.type);
    try {
      await parse(ctx, () => Promise.resolve());
    } catch (error) {
      throw toProblem(error as ParserError, maxBytes);
    }
    await next();
  };
}

interface ParserError extends Error {
  readonly status: number;
}

function unsupported(type: string): Problem {
  const found = type === "" ? "no Content-Type" : `Content-Type ${type}`;
  return new Problem(415, `The body has ${found}: send application/json.`);
}

function toProblem(error: ParserError, maxBytes: number): Problem {
  if (error.status === 413) {
    return new Problem(413, `The body is too large: send at most ${maxBytes} bytes.`);
  }
  if (error.status === 415) {
    return new Problem(415, "The Content-Encoding is unknown: send gzip, deflate or none.");
  }
  return new Problem(400, `The body cannot be read as JSON: ${error.message}`);
}
