import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { ApiMiddleware } from "./request-state";

/**
 * Answers every request with the same content. The content is compressed for clients that accept
 * gzip, and clients that already have it get 304. Caches must revalidate their copy each time, so
 * that a new version is seen at once.
 *
 * @param type media type, with its charset
 */
export function constantContent(type: string, content: string | Buffer): ApiMiddleware {
  // The tag is weak, because it is the same with and without compression.
  const ETag = `W/"${createHash("sha256").update(content).digest("base64url")}"`;
  let compressed: Promise<Buffer> | undefined;

  return async function answerContent(ctx) {
    ctx.status = 200;
    ctx.set({ ETag, "Cache-Control": "no-cache", Vary: "Accept-Encoding" });
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    ctx.type = type;
    ctx.body = content;
    if (ctx.acceptsEncodings("gzip", "identity") === "gzip") {
      ctx.body = await (compressed ??= promisify(gzip)(content));
      ctx.set("Content-Encoding", "gzip");
    }
  };
}
