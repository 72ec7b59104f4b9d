import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A fault of a call. After "after", DynamoDB has executed the call, but its answer is lost. */
export type Fault =
  | "reset before"
  | "reset after"
  | "500 before"
  | "500 after"
  | "throttled"
  | "silent before"
  | "silent after";

/** A proxy between the API and DynamoDB that adds faults to calls on request. */
export class FaultProxy {
  /** The permissions that the received calls need: `<table or index> <action>`. */
  readonly actions = new Set<string>();
  private readonly server = createServer((call, answer) => {
    this.handle(call, answer).catch(() => call.socket.destroy());
  });
  private faultOf: (action: string) => Fault | undefined = () => undefined;

  /** The endpoint of the local AWS, to which calls are forwarded. */
  target = "";

  async start(): Promise<void> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get endpoint(): string {
    return `http://${this.host}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Makes the next `times` calls fail. With `action`, only calls of that action fail. */
  next(times: number, fault: Fault, action?: string): void {
    let left = times;
    this.faultOf = (called) => {
      if (left === 0 || (action !== undefined && called !== action)) return undefined;
      left--;
      return fault;
    };
  }

  /** Ends all faults. */
  heal(): void {
    this.next(0, "throttled");
    this.server.closeAllConnections();
  }

  private async handle(call: IncomingMessage, answer: ServerResponse): Promise<void> {
    const action = String(call.headers["x-amz-target"]).replace(/^.*\./, "");
    const body = await buffer(call);
    for (const needed of actionsOf(action, body.toString())) this.actions.add(needed);
    const fault = this.faultOf(action);
    if (fault === "throttled") {
      refuse(answer, 400, "ThrottlingException");
      return;
    }
    const [kind, when] = fault?.split(" ") ?? [];
    const response = when === "before" ? undefined : await forward(this.target, call, body);
    if (kind === "silent") return;
    if (kind === "reset") call.socket.resetAndDestroy();
    else if (kind === "500") refuse(answer, 500, "InternalServerError");
    else if (response) answer.writeHead(response.status, response.headers).end(response.body);
  }
}

interface Call {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
}

/** A transaction needs the permissions of all its parts. */
function actionsOf(action: string, body: string): string[] {
  const { TableName, IndexName, RequestItems, TransactItems } = JSON.parse(body) as Call;
  if (TransactItems) {
    return TransactItems.flatMap((part) =>
      Object.entries(part).map(([name, { TableName: table }]) => `${table} ${name}Item`),
    );
  }
  const tables = RequestItems ? Object.keys(RequestItems) : [TableName ?? ""];
  return tables.map((table) => `${IndexName ? `${table}/${IndexName}` : table} ${action}`);
}

async function forward(target: string, call: IncomingMessage, body: Buffer) {
  const forwarded = request(target, { method: call.method, headers: call.headers });
  const [response] = (await once(forwarded.end(body), "response")) as [IncomingMessage];
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: await buffer(response) };
}

function refuse(answer: ServerResponse, status: number, type: string): void {
  answer.writeHead(status, { "Content-Type": "application/x-amz-json-1.0" });
  answer.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}` }));
}
