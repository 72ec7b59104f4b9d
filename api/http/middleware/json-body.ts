import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import getRawBody, { type RawBodyError } from "raw-body";
import secureJson from "secure-json-parse";
import { Problem } from "../problem";
import type { ApiMiddleware } from "../request-state";

interface JsonBodyOptions {
  /** The accepted media types, all of which are read as JSON. @default application/json */
  readonly types?: readonly string[];
  /** The largest body that is accepted, in bytes after decompression. @default 100_000 */
  readonly maxBytes?: number;
}

/**
 * Reads a JSON body into `ctx.state.body`. Throws a `Problem`: 415 when the media type is another
 * one, 413 when the body is too large, 400 when it is malformed or has a `__proto__` key.
 */
export function jsonBody(options: JsonBodyOptions = {}): ApiMiddleware {
  const { types = ["application/json"], maxBytes = 100_000 } = options;
  return async function readJsonBody(ctx, next) {
    if (!types.includes(ctx.request.type)) throw unsupported(ctx.request.type, ctx.method, types);
    ctx.state.body = parse(await readBytes(ctx.req, maxBytes));
    await next();
  };
}

function unsupported(type: string, method: string, types: readonly string[]): Problem {
  const found = type === "" ? "no Content-Type" : `Content-Type ${type}`;
  const header = method === "PATCH" ? "Accept-Patch" : "Accept-Post";
  return new Problem(415, `The body has ${found}: send ${types.join(" or ")}.`, {
    headers: { [header]: types.join(", ") },
  });
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { "content-encoding": encoding, "content-length": length } = request.headers;
  const plain = encoding === undefined || encoding === "identity";
  const bytes = plain ? request : decompressed(request, encoding.toLowerCase());
  try {
    return await getRawBody(bytes, { limit: maxBytes, length: plain ? length : undefined });
  } catch (error) {
    if ((error as RawBodyError).type === "entity.too.large") {
      throw new Problem(413, `The body is too large: send at most ${maxBytes} bytes.`);
    }
    throw malformed("it ended too early, or is not compressed as its Content-Encoding says");
  }
}

const DECOMPRESSION = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

function decompressed(request: IncomingMessage, encoding: string): Readable {
  if (!Object.hasOwn(DECOMPRESSION, encoding)) {
    const known = Object.keys(DECOMPRESSION).join(", ");
    throw new Problem(415, `The Content-Encoding is unknown: send ${known} or none.`, {
      headers: { "Accept-Encoding": known },
    });
  }
  const decompression = DECOMPRESSION[encoding as keyof typeof DECOMPRESSION]();
  request.once("error", (error) => decompression.destroy(error));
  return request.pipe(decompression);
}

function parse(bytes: Buffer): unknown {
  // Decoding would replace invalid UTF-8 with U+FFFD without an error.
  if (!isUtf8(bytes)) throw malformed("it is not UTF-8");
  try {
    // A `__proto__` key could change a prototype. No code here reads a `constructor` key.
    return secureJson.parse(bytes.toString(), {
      protoAction: "error",
      constructorAction: "ignore",
    });
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

const malformed = (why: string) => new Problem(400, `The body cannot be read as JSON: ${why}.`);
