import type { Action } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Agent, createServer, STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ProxyServer } from "http-proxy-3";
import type { DeployedListener } from "./deployed-load-balancers";
import { matchingRule, pickTargetGroup } from "./listener-rules";
import { forwardedHeaders, validHeaders } from "./headers";
import type { LiveTargetGroup } from "./target-groups";
import type { TargetAddress } from "./target-health";

/** A target has sent nothing for the load balancer's idle timeout. */
class IdleTimeout extends Error {}

/** Serves one deployed listener on a local port. */
export class ListenerServer {
  private readonly agent = new Agent({ keepAlive: true });
  private readonly proxy = new ProxyServer({ agent: this.agent });
  private readonly server: Server;

  constructor(
    /** The listener's current configuration. */
    public deployed: DeployedListener,
    private readonly targetGroup: (arn: string) => Pick<LiveTargetGroup, "next"> | undefined,
  ) {
    this.server = createServer((request, response) => {
      this.handle(request, response);
    });
    this.proxy.on("proxyReq", (proxyRequest) => {
      const { idleTimeoutSeconds } = this.deployed;
      proxyRequest.setTimeout(idleTimeoutSeconds * 1000, () => {
        proxyRequest.destroy(new IdleTimeout(`no answer in ${idleTimeoutSeconds} s`));
      });
    });
    this.proxy.on("proxyRes", ({ headers }) => {
      // These headers describe the connection between the load balancer and the target.
      delete headers.connection;
      delete headers["keep-alive"];
    });
  }

  /** Listens on the preferred port, or on a free one when the preferred port is in use. */
  async listen(preferredPort: number): Promise<void> {
    await this.bind(preferredPort).catch(() => this.bind(0));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    this.agent.destroy();
    await closed;
  }

  private bind(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", () => {
        this.server.off("error", reject);
        resolve();
      });
    });
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const { deployed } = this;
    this.server.keepAliveTimeout = deployed.idleTimeoutSeconds * 1000;
    const rule = matchingRule(deployed.rules, {
      method: request.method ?? "",
      url: request.url ?? "/",
      headers: request.headers,
      sourceIp: request.socket.remoteAddress ?? "",
    });
    const action = rule?.Actions?.at(-1);
    switch (action?.Type) {
      case "forward":
        this.forward(action, request, response);
        return;
      case "fixed-response":
        fixedResponse(action, response);
        return;
      case "redirect":
        redirect(action, request, response, deployed.port);
        return;
      default:
        answer(response, 501, `the action ${action?.Type ?? ""} is not served locally`);
    }
  }

  private forward(action: Action, request: IncomingMessage, response: ServerResponse): void {
    const groups = action.ForwardConfig?.TargetGroups ?? [
      { TargetGroupArn: action.TargetGroupArn },
    ];
    const arn = pickTargetGroup(groups, Math.random());
    const route = this.targetGroup(arn ?? "")?.next() ?? { kind: "empty" };
    switch (route.kind) {
      case "empty":
        answer(response, 503);
        return;
      case "blocked":
        answer(
          response,
          504,
          "the security groups do not allow the load balancer to reach the target",
        );
        return;
      case "target":
        this.send(route.target, request, response);
    }
  }

  private send(target: TargetAddress, request: IncomingMessage, response: ServerResponse): void {
    const { dropInvalidHeaderFields, port } = this.deployed;
    if (dropInvalidHeaderFields) request.headers = validHeaders(request.headers);
    const options = {
      target: { host: target.id, port: target.port },
      headers: forwardedHeaders(request, port),
    };
    this.proxy.web(request, response, options, (error) => {
      if (response.headersSent) response.destroy();
      else answer(response, error instanceof IdleTimeout ? 504 : 502);
    });
  }
}

function fixedResponse({ FixedResponseConfig: config }: Action, response: ServerResponse): void {
  response
    .writeHead(Number(config?.StatusCode), { "content-type": config?.ContentType ?? "text/plain" })
    .end(config?.MessageBody);
}

/**
 * Answers with ALB's redirect: `#{host}` and the other placeholders are replaced by parts of the
 * request.
 */
function redirect(
  { RedirectConfig: config = { StatusCode: "HTTP_302" } }: Action,
  request: IncomingMessage,
  response: ServerResponse,
  listenerPort: number,
): void {
  const base = `http://${request.headers.host ?? "localhost"}`;
  if (!URL.canParse(request.url ?? "/", base)) {
    answer(response, 400);
    return;
  }
  const url = new URL(request.url ?? "/", base);
  const own: Record<string, string> = {
    protocol: "http",
    host: url.hostname,
    port: String(listenerPort),
    path: url.pathname.slice(1),
    query: url.search.slice(1),
  };
  const fill = (template: string) =>
    template.replace(/#\{(\w+)\}/g, (whole, name: string) => own[name] ?? whole);
  const protocol = fill(config.Protocol ?? "#{protocol}").toLowerCase();
  const query = fill(config.Query ?? "#{query}");
  const location =
    `${protocol}://${fill(config.Host ?? "#{host}")}:${fill(config.Port ?? "#{port}")}` +
    `${fill(config.Path ?? "/#{path}")}${query && `?${query}`}`;
  const status = config.StatusCode === "HTTP_301" ? 301 : 302;
  response.writeHead(status, { location, server: "awselb/2.0" }).end();
}

/** Answers with ALB's own error page. `why` adds a reason that ALB would not give. */
function answer(response: ServerResponse, status: number, why?: string): void {
  const title = `${status} ${STATUS_CODES[status] ?? ""}`;
  const body =
    `<html>\r\n<head><title>${title}</title></head>\r\n` +
    `<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  response
    .writeHead(status, {
      server: "awselb/2.0",
      "content-type": "text/html",
      ...(why && { "x-local-reason": why }),
    })
    .end(body);
}
