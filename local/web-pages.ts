import type { IncomingMessage } from "node:http";

/**
 * Returns the reason for refusing a request that a web page may have sent, or `undefined` for any other request.
 *
 * A page in the user's browser can reach a server on 127.0.0.1, either directly or through a host name of the page's
 * author that resolves to 127.0.0.1. `emulator/web_pages.py` has the same rules and explains them.
 *
 * @param ownHost the server's own `<address>:<port>`
 */
export function refusalOfPage(
  { headers }: Pick<IncomingMessage, "headers">,
  ownHost: string,
): string | undefined {
  const { host, origin, "sec-fetch-site": site = "none" } = headers;
  if (host !== ownHost) return `Host is "${host ?? ""}", expected "${ownHost}"`;
  if (origin !== undefined) {
    return `the request has the Origin "${origin}": web pages are not served`;
  }
  if (site !== "none") {
    return `Sec-Fetch-Site is "${site}": web pages are not served`;
  }
  return undefined;
}
