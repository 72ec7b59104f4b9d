import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { LocalAws } from "../../../../local/emulator/aws";
import type { DeploymentReport } from "../../../../local/emulator/control";

export const IMAGE_DIGEST = `sha256:${"a".repeat(64)}`;
export const TARGET_GROUP =
  "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef";

/** One call of an API. */
interface Call {
  /** Such as `RegisterTargets`, or the path of a call to the control endpoint. */
  readonly action: string;
  readonly at: number;
  readonly accessKeyId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A target that is registered in the target group. */
interface Target {
  readonly host: string;
  readonly port: number;
  /** Whether something listened there when it was registered. */
  readonly listened: boolean;
}

interface DeploymentsReport {
  readonly deployments: readonly DeploymentReport[];
  readonly events: readonly string[];
}

/**
 * The APIs that a task needs, over HTTP: a repository with the image of every tag but `missing`, one
 * secret for every name, a target group, a log group, Cloud Map, and the control endpoint of the local AWS.
 */
export class TaskApis {
  readonly calls: Call[] = [];
  readonly targets: Target[] = [];
  readonly reports: DeploymentsReport[] = [];
  /** What DescribeTargetHealth answers of every target that is registered. */
  targetHealth = { state: "healthy", reason: "" };
  /** Seconds. */
  deregistrationDelay = 0;
  /** Roles whose trust policies do not let ECS assume them. */
  readonly distrustful: string[] = [];
  refusesLogStreams = false;
  refusesReports = false;
  /** Whether the Cloud Map service does not exist any more. */
  refusesDeregistrations = false;
  hasTargetGroup = true;

  private constructor(private readonly server: Server) {
    server.on("request", (request: IncomingMessage, response) => {
      void this.answer(request).then(({ status = 200, type, body }) => {
        response.writeHead(status, { "content-type": type }).end(body);
      });
    });
  }

  static async start(): Promise<TaskApis> {
    const apis = new TaskApis(createServer());
    await once(apis.server.listen(0, "127.0.0.1"), "listening");
    return apis;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  get aws(): LocalAws {
    return {
      endpoint: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      region: "eu-west-1",
      accountId: "123456789012",
      credentials: { accessKeyId: "root", secretAccessKey: "secret" },
      controlSecret: "control",
    };
  }

  actions(): string[] {
    return this.calls.map(({ action }) => action);
  }

  call(action: string): Call | undefined {
    return this.calls.find((call) => call.action === action);
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    const body = await text(request);
    const { url = "", headers } = request;
    const operation = headers["x-amz-target"]?.toString().split(".").at(-1);
    const isJson = operation !== undefined || url.startsWith("/_emulator/");
    const parameters = (
      isJson ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))
    ) as Record<string, string>;
    const action = operation ?? parameters.Action ?? url;
    const accessKeyId = /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1] ?? "";
    this.calls.push({ action, at: Date.now(), accessKeyId, parameters });
    if (!isJson) return this.loadBalancing(action, parameters);
    if (action === "CreateLogStream" && this.refusesLogStreams) {
      return json({ __type: "AccessDeniedException", message: "no" }, 400);
    }
    if (action === "DeregisterInstance" && this.refusesDeregistrations) {
      return json({ __type: "ServiceNotFound", message: "no such service" }, 400);
    }
    if (action === "/_emulator/ecs/deployments" && this.refusesReports) return json({}, 500);
    return json(this.json(action, parameters));
  }

  private json(action: string, parameters: Record<string, unknown>): object {
    switch (action) {
      case "GetAuthorizationToken":
        return { authorizationData: [] };
      case "BatchGetImage": {
        const [{ imageTag }] = parameters.imageIds as [{ imageTag: string }];
        return {
          images: imageTag === "missing" ? [] : [{ imageId: { imageDigest: IMAGE_DIGEST } }],
        };
      }
      case "GetSecretValue":
        return { SecretString: JSON.stringify({ password: "open sesame" }) };
      case "/_emulator/iam/task-roles":
        return this.distrustful.includes(String(parameters.roleArn))
          ? {}
          : { credentials: credentialsOf(String(parameters.roleArn)) };
      case "/_emulator/ecs/deployments":
        this.reports.push(parameters as unknown as DeploymentsReport);
        return {};
      default:
        return {};
    }
  }

  private async loadBalancing(action: string, parameters: Record<string, string>): Promise<Answer> {
    if (!this.hasTargetGroup) {
      const error = "<Code>TargetGroupNotFound</Code><Message>the target group is gone</Message>";
      return xml(`<ErrorResponse><Error>${error}</Error></ErrorResponse>`, 400);
    }
    const host = parameters["Targets.member.1.Id"] ?? "";
    const port = Number(parameters["Targets.member.1.Port"]);
    const known = this.targets.findIndex((target) => target.host === host && target.port === port);
    let result = "";
    switch (action) {
      case "RegisterTargets":
        this.targets.push({ host, port, listened: await accepts(port, host) });
        break;
      case "DeregisterTargets":
        this.targets.splice(known, 1);
        break;
      case "DescribeTargetHealth": {
        const { state, reason } = this.targetHealth;
        const health =
          known < 0 ? "<State>unused</State>" : `<State>${state}</State><Reason>${reason}</Reason>`;
        result = `<TargetHealthDescriptions><member><TargetHealth>${health}</TargetHealth></member></TargetHealthDescriptions>`;
        break;
      }
      case "DescribeTargetGroupAttributes":
        result = `<Attributes><member><Key>deregistration_delay.timeout_seconds</Key><Value>${this.deregistrationDelay}</Value></member></Attributes>`;
        break;
      case "DescribeTargetGroups":
        result =
          "<TargetGroups><member><HealthCheckIntervalSeconds>0</HealthCheckIntervalSeconds>" +
          "<HealthCheckTimeoutSeconds>1</HealthCheckTimeoutSeconds>" +
          "<UnhealthyThresholdCount>1</UnhealthyThresholdCount></member></TargetGroups>";
    }
    return xml(
      `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
    );
  }
}

interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

const json = (body: object, status?: number): Answer => ({
  status,
  type: "application/x-amz-json-1.1",
  body: JSON.stringify(body),
});

const xml = (body: string, status?: number): Answer => ({ status, type: "text/xml", body });

const credentialsOf = (roleArn: string) => ({
  accessKeyId: `key-of-${roleArn.split("/").at(-1) ?? ""}`,
  secretAccessKey: "secret",
  sessionToken: "token",
  expiration: new Date(Date.now() + 3_600_000).toISOString(),
});

async function accepts(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
