import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Entry {
  readonly id: number;
  readonly number: number;
  readonly user: { readonly login: string };
  readonly labels: readonly string[];
  body: string;
  state: string;
  readonly pull_request?: object;
}

const PAGE = 100;
const MAX_BODY = 65_536;

/**
 * A server that implements the part of GitHub's REST API that the scripts use, for `owner/name`.
 */
export class FakeGitHub {
  readonly comments: Entry[] = [];
  readonly issues: Entry[] = [];
  /** `<method> <path>` of all requests, in order. */
  readonly requests: string[] = [];
  /** While this is set, the server answers everything with this status, or never answers. */
  broken: number | "silent" | undefined;
  /**
   * The user that the token belongs to. It is undefined for the token of a job, which may not
   * request it.
   */
  login: string | undefined;
  url = "";

  private readonly server = createServer((request, response) => {
    void this.answer(request).then((answer) => {
      if (answer === undefined) return;
      response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
      response.end(answer.text);
    });
  });

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  reset() {
    for (const list of [this.comments, this.issues, this.requests]) list.length = 0;
    this.broken = undefined;
    this.login = undefined;
  }

  add(list: Entry[], user: string, body: string, more: Partial<Entry> = {}) {
    const id = list.length + 1;
    const entry = {
      id,
      number: id,
      user: { login: user },
      body,
      labels: [],
      state: "open",
      ...more,
    };
    list.push(entry);
    return entry;
  }

  private async answer(request: IncomingMessage) {
    const { method = "", url = "" } = request;
    this.requests.push(`${method} ${url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.broken === "silent") return undefined;
    if (this.broken !== undefined) return failure(this.broken, "Resource not accessible");
    if (request.headers.authorization !== "Bearer token") return failure(401, "Bad credentials");
    const text = Buffer.concat(chunks).toString();
    const sent = (text === "" ? {} : JSON.parse(text)) as Partial<Entry> & { labels?: string[] };
    if ((sent.body ?? "").length > MAX_BODY) return failure(422, "body is too long");
    return this.route(method, new URL(url, this.url), sent);
  }

  private route(method: string, url: URL, sent: Partial<Entry>) {
    const me = this.login ?? "github-actions[bot]";
    const path = url.pathname.replace("/repos/owner/name", "");
    const [, kind, id, of] = path.split("/");
    switch (`${method} ${path.replace(/\d+/, "N")}`) {
      case "GET /user":
        return this.login === undefined
          ? failure(403, "Not accessible by integration")
          : json({ login: me });
      case "GET /issues/N/comments":
        return this.page(this.comments, url);
      case "POST /issues/N/comments":
        return json(this.add(this.comments, me, sent.body ?? ""), 201);
      case "PATCH /issues/comments/N":
        return changed(this.comments, Number(of), sent);
      case "GET /issues":
        return this.page(this.issues.filter(matches(url)), url);
      case "POST /issues":
        return json(this.add(this.issues, me, sent.body ?? "", { labels: sent.labels }), 201);
      case "PATCH /issues/N":
        return changed(this.issues, Number(id), sent);
      default:
        return failure(404, `no ${method} ${kind ?? ""} here`);
    }
  }

  /** A page has at most 100 entries. As on GitHub, the `Link` header contains the next page. */
  private page(list: readonly Entry[], url: URL) {
    const page = Number(url.searchParams.get("page") ?? "1");
    const next = new URL(url);
    next.searchParams.set("page", String(page + 1));
    const link = list.length > page * PAGE ? { link: `<${next.href}>; rel="next"` } : undefined;
    return json(list.slice((page - 1) * PAGE, page * PAGE), 200, link);
  }
}

const matches = (url: URL) => (entry: Entry) =>
  entry.state === url.searchParams.get("state") &&
  entry.labels.includes(url.searchParams.get("labels") ?? "");

function changed(list: readonly Entry[], id: number, sent: Partial<Entry>) {
  const entry = list.find((one) => one.id === id);
  if (!entry) return failure(404, "Not Found");
  return json(Object.assign(entry, sent));
}

const json = (value: unknown, status = 200, headers?: Record<string, string>) => ({
  status,
  headers,
  text: JSON.stringify(value),
});

const failure = (status: number, message: string) => json({ message }, status);
