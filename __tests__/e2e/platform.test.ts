import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { DescribeServicesCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  DescribeSubnetsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import type { Network } from "../../model/network";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "../../environments/local";
import { clientConfig } from "../../local/emulator/aws";
import { childEnv } from "../../local/child-env";
import { publishImage } from "../../local/images/publish-image";
import { assumeRole } from "../../local/tasks/task-roles";
import { startPlatform, type StartedPlatform } from "../../local/start";
import { requestToken, startTokenIssuer } from "../../local/token-issuer";
import { Terraform } from "../../delivery/terraform/terraform";
import { checked, documents, expectDocumented } from "../api/support/conformance";
import { bolt } from "../api/behaviours/store";
import { constantLoad } from "./support/constant-load";
import { LOCAL_DELIVERY, synthesizeLocal } from "./support/local-inventory";
import { TestProcess } from "./support/processes";
import { brokenServer, writeContext, WHOLE_FOLDER } from "./support/test-image";
import { waitUntil } from "./support/wait-until";

// All tests share one platform, because the provider needs a minute for its load balancer. They run
// in the order of a platform's life, and each leaves the platform in working order for the next.
let platform: StartedPlatform;
let url: string;
let network: Network;
const directory = mkdtempSync(join(tmpdir(), "platform-"));

beforeAll(async () => {
  platform = await startPlatform({
    accountId: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    delivery: LOCAL_DELIVERY,
    synthesize: (day0, outdir) => {
      network = day0;
      synthesizeLocal(day0, outdir);
    },
    root: resolve("."),
    directory,
    signal: new AbortController().signal,
  });
  url = platform.aws.loadBalancers.url("inventory-local", 80) ?? "";
}, 300_000);

afterAll(async () => {
  await (platform as StartedPlatform | undefined)?.aws.stop();
  rmSync(directory, { recursive: true, force: true });
});

const directoryOf = (state: string) => join(platform.layout.states, "stacks", `local-${state}`);

const env = (imageTag = platform.images.get("inventory")): NodeJS.ProcessEnv => ({
  ...childEnv(platform.terraformEnv),
  TF_VAR_image_tag: imageTag,
});

const terraform = (state: string, imageTag?: string) =>
  new Terraform({ directory: directoryOf(state), env: env(imageTag) });

const tagOf = (digit: string) => digit.repeat(40);

/** Publishes an image: the API's own, or one that ends as soon as it starts. */
async function publish(tag: string, root = resolve(".")) {
  await publishImage({
    aws: platform.aws,
    repositoryUrl: `${LOCAL_ACCOUNT}.dkr.ecr.${LOCAL_REGION}.amazonaws.com/inventory-local`,
    tag,
    root,
    source: WHOLE_FOLDER,
    imagesDirectory: platform.layout.images,
  });
}

async function deployedService() {
  const ecs = new ECSClient(clientConfig(platform.aws));
  const { services } = await ecs.send(
    new DescribeServicesCommand({ cluster: "inventory-local", services: ["inventory-local"] }),
  );
  const [service] = services ?? [];
  if (!service) throw new Error("the service inventory-local is not there");
  return service;
}

/** The plan of a state in Terraform's words. The text is empty without changes. */
async function planText(state: string, imageTag?: string) {
  const { hasChanges, text } = await terraform(state, imageTag).plan();
  return hasChanges ? text : "";
}

/** The resources that a plan changes, each with its actions. */
async function plannedChanges(state: string, imageTag?: string) {
  const planned = terraform(state, imageTag);
  await planned.run(["plan", "-input=false", "-out=changes.tfplan"]);
  const { stdout } = await planned.run(["show", "-json", "changes.tfplan"]);
  const { resource_changes } = JSON.parse(stdout) as {
    resource_changes: { address: string; change: { actions: string[] } }[];
  };
  return resource_changes
    .map(({ address, change }) => `${address}: ${change.actions.join(", ")}`)
    .filter((change) => !change.endsWith("no-op") && !change.endsWith("read"));
}

/** The process ids of the API's tasks, which the task runner in this process has started. */
function taskProcesses() {
  const { stdout } = spawnSync("pgrep", ["-P", String(process.pid), "-f", "server\\.js"], {
    encoding: "utf8",
  });
  return stdout.trim().split("\n").filter(Boolean).map(Number);
}

const JSON_BODY = { "content-type": "application/json" };

/** Sends a request to the deployed API and checks its answer against the document. */
async function send(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...JSON_BODY, ...headers },
    body: JSON.stringify(body),
  });
  documented(method, path)(response, await response.clone().text());
  return response;
}

const documented = (method: string, path: string) => (response: Response, text: string) => {
  const { status } = response;
  expectDocumented({ method, path, status, headers: Object.fromEntries(response.headers), text });
};

const STATES = ["backend", "ecr", "ecs-cluster", "iam", "alb", "dynamodb", "ecs-service"];

test("the API answers through the deployed load balancer, and keeps its items", async () => {
  const health = await send("GET", "/health");
  expect(health.status).toBe(200);

  const tea = { sku: "tea-1", name: "Green tea", quantity: 12, unitPrice: "3.90" };
  const created = await send("POST", "/items", tea);
  expect(created.status).toBe(201);
  const item = (await created.json()) as { id: string };

  const read = await send("GET", `/items/${item.id}`);
  expect(await read.json()).toEqual(item);
  const all = (await (await send("GET", "/items")).json()) as { items: unknown[] };
  expect(all.items).toContainEqual(item);
});

test.each(STATES)(
  "a second plan of %s is empty",
  async (state) => {
    expect(await terraform(state).hasChanges()).toBe(false);
  },
  60_000,
);

test("a request beyond the task role is denied", async () => {
  const { aws } = platform;
  // The session comes from a task in the platform's network, because the role allows nothing from
  // elsewhere.
  const { Subnets } = await new EC2Client(clientConfig(aws)).send(
    new DescribeSubnetsCommand({ Filters: [{ Name: "tag:Name", Values: ["local-private-a"] }] }),
  );
  const { expiration, ...credentials } = await assumeRole(
    aws,
    `arn:aws:iam::${LOCAL_ACCOUNT}:role/inventory-local-task`,
    {
      id: "test",
      arn: `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:task/inventory-local/test`,
      subnetId: Subnets?.[0]?.SubnetId ?? "",
    },
  );
  expect(expiration.getTime()).toBeGreaterThan(Date.now());
  const dynamodb = new DynamoDBClient({ ...clientConfig(aws), credentials });
  const Key = { id: { S: "1" } };
  const TableName = "inventory-local-items";
  await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } }));
  await expect(dynamodb.send(new GetItemCommand({ TableName, Key }))).rejects.toThrow(
    /not authorized to perform: dynamodb:GetItem/,
  );
  await expect(
    dynamodb.send(new ScanCommand({ TableName: "inventory-local-claims" })),
  ).rejects.toThrow(/not authorized to perform: dynamodb:Scan/);
  await expect(
    dynamodb.send(
      new GetItemCommand({
        TableName: "inventory-local-terraform-locks",
        Key: { LockID: { S: "1" } },
      }),
    ),
  ).rejects.toThrow(/not authorized to perform: dynamodb:GetItem/);
});

/** Reads and writes continuously, and returns the results. */
async function itemLoad(sku: string) {
  const created = await send("POST", "/items", { sku, name: "Tea", quantity: 0, unitPrice: "1" });
  const { id } = (await created.json()) as { id: string };
  const path = `/items/${id}`;
  const reads = constantLoad(`${url}${path}`, {}, documented("GET", path));
  const adjustments = `${path}/adjustments`;
  const writes = constantLoad(
    `${url}${adjustments}`,
    { method: "POST", headers: JSON_BODY, body: JSON.stringify({ delta: 1 }) },
    documented("POST", adjustments),
  );
  return {
    async stop() {
      const [read, written] = await Promise.all([reads.stop(), writes.stop()]);
      const item = await fetch(`${url}/items/${id}?consistent=true`);
      const { quantity } = (await item.json()) as { quantity: number };
      return {
        requests: read.requests + written.requests,
        failures: [...read.failures, ...written.failures],
        lostWrites: written.requests - quantity,
      };
    },
  };
}

test("the task role lets the API do everything that it offers", async () => {
  const tea = { sku: "tea-2", name: "Black tea", quantity: 1, unitPrice: "2.50" };
  const created = await send("POST", "/items", tea, { "idempotency-key": "create" });
  const { id } = (await created.json()) as { id: string };
  const once = { "idempotency-key": "adjust" };
  const answers = [
    created,
    await send("GET", `/items/${id}?consistent=true`),
    await send("GET", "/items?sku=tea-2"),
    await send("GET", "/items?maxQuantity=5"),
    await send("POST", `/items/${id}/adjustments`, { delta: 1 }),
    await send("POST", `/items/${id}/adjustments`, { delta: -2 }, once),
    await send("POST", `/items/${id}/adjustments`, { delta: -2 }, once),
    await send("PATCH", `/items/${id}`, { sku: "tea-3" }, { "if-match": "*" }),
    await send("DELETE", `/items/${id}`, undefined, { "if-match": "*" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([
    201, 200, 200, 200, 200, 200, 200, 200, 204,
  ]);
});

test("a task that is told to stop while the load balancer still sends to it loses no request", async () => {
  const [task] = taskProcesses();
  const load = await itemLoad("sigterm");
  process.kill(task ?? 0, "SIGTERM");
  await waitUntil(
    "another task has taken its place",
    () => {
      const tasks = taskProcesses();
      return tasks.length === 2 && !tasks.includes(task ?? 0);
    },
    60_000,
  );
  await waitUntil("both serve", async () => (await deployedService()).runningCount === 2, 60_000);
  expect(await load.stop()).toMatchObject({ failures: [], lostWrites: 0 });
}, 180_000);

test("a new image tag changes the task definition and the service, in place, and loses no request", async () => {
  const tag = tagOf("a");
  expect(await plannedChanges("ecs-service", tag)).toEqual([
    "aws_ecs_service.service: update",
    "aws_ecs_task_definition.task_definition: create, delete",
  ]);

  const before = await deployedService();
  await publish(tag);
  const load = await itemLoad("rollout");
  await terraform("ecs-service", tag).apply();
  const { requests, ...lost } = await load.stop();
  expect(lost).toEqual({ failures: [], lostWrites: 0 });
  expect(requests).toBeGreaterThan(50);

  const after = await deployedService();
  expect(after.createdAt).toEqual(before.createdAt);
  expect(after.taskDefinition).not.toBe(before.taskDefinition);
  expect(after.deployments).toMatchObject([{ rolloutState: "COMPLETED", runningCount: 2 }]);
  expect(await planText("ecs-service", tag)).toBe("");
}, 180_000);

test("a broken image fails the apply, and the old tasks go on serving every request", async () => {
  const tag = tagOf("b");
  const before = await deployedService();
  await publish(tag, await writeContext(join(directory, "broken"), brokenServer));
  const load = constantLoad(`${url}/items`, {}, documented("GET", "/items"));
  await expect(terraform("ecs-service", tag).apply()).rejects.toThrow(
    /The new tasks failed and ECS rolled the service back/,
  );
  const { failures, requests } = await load.stop();
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(50);

  const after = await deployedService();
  expect(after.taskDefinition).toBe(before.taskDefinition);
  expect(after.runningCount).toBe(2);
  expect(after.events?.map(({ message }) => message).join("\n")).toContain("deployment failed");

  const good = tagOf("a");
  const output = await terraform("ecs-service", tag).run(["output", "-raw", "deployed_image_tag"]);
  expect(output.stdout).toBe(good);
  await terraform("ecs-service", good).apply();
  expect(await planText("ecs-service", good)).toBe("");
}, 240_000);

test("of two applies of one state at once, one waits or is refused, and the state is whole", async () => {
  const tags = [tagOf("c"), tagOf("d")];
  for (const tag of tags) await publish(tag);
  const results = await Promise.allSettled(
    tags.map((tag) =>
      terraform("ecs-service", tag).run([
        "apply",
        "-input=false",
        "-auto-approve",
        "-lock-timeout=0s",
      ]),
    ),
  );
  const refused = results.flatMap((result) =>
    result.status === "rejected" ? [String(result.reason)] : [],
  );
  expect(refused).toEqual([expect.stringContaining("Error acquiring the state lock")]);
  const applied = tags[results.findIndex(({ status }) => status === "fulfilled")];
  expect(await planText("ecs-service", applied)).toBe("");
}, 240_000);

test("an apply that is killed leaves its lock; unlocked and applied again, the state converges", async () => {
  const tag = tagOf("e");
  await publish(tag);
  const apply = ["apply", "-input=false", "-auto-approve", "-no-color"];
  const killed = new TestProcess("terraform", apply, {
    cwd: directoryOf("ecs-service"),
    env: env(tag),
  });
  await killed.printed(/aws_ecs_service\.service: Modifying/, 60_000);
  await killed.signal("SIGKILL");

  const again = terraform("ecs-service", tag);
  const error = await again.run(apply).then(() => "", String);
  const lock = /ID:\s+(?<id>[0-9a-f-]{36})/.exec(error)?.groups?.id;
  expect([error, lock]).toEqual([
    expect.stringContaining("Error acquiring the state lock"),
    expect.any(String),
  ]);
  await again.run(["force-unlock", "-force", lock ?? ""]);
  await again.apply();
  expect(await planText("ecs-service", tag)).toBe("");
}, 240_000);

test("a security group rule that someone removed is missed at once, and the next apply puts it back", async () => {
  const state = terraform("ecs-service", tagOf("e"));
  const rule = "aws_vpc_security_group_egress_rule.security_group_egress_load_balancer";
  const { stdout } = await state.run(["state", "show", "-no-color", rule]);
  const valueOf = (name: string) => new RegExp(`^ +${name} += "(.*)"`, "m").exec(stdout)?.[1] ?? "";
  await new EC2Client(clientConfig(platform.aws)).send(
    new RevokeSecurityGroupEgressCommand({
      GroupId: valueOf("security_group_id"),
      SecurityGroupRuleIds: [valueOf("security_group_rule_id")],
    }),
  );
  await waitUntil("the load balancer answers 504", async () => {
    return (await fetch(`${url}/health`)).status === 504;
  });
  expect(await plannedChanges("ecs-service", tagOf("e"))).toEqual([`${rule}: create`]);
  await state.apply();
  await waitUntil("the load balancer answers 200", async () => {
    return (await fetch(`${url}/health`)).status === 200;
  });
}, 120_000);

describe("cdktf, as CI runs it", () => {
  const cdktf = (command: string, ...args: string[]) =>
    new TestProcess(
      resolve("node_modules/.bin/cdktf"),
      [command, ...args, "--skip-synth", "--output", platform.layout.states],
      {
        env: {
          ...env(tagOf("e")),
          CI: "true",
          TF_INPUT: "0",
          CHECKPOINT_DISABLE: "1",
        },
      },
    );

  test("diff reviews a state without a change", async () => {
    const diff = cdktf("diff", "local-dynamodb");
    expect([await diff.ended(), diff.output]).toEqual([0, expect.stringContaining("No changes")]);
  }, 120_000);

  test("deploy creates the missing part of a state, and then nothing is left to change", async () => {
    await terraform("ecr").run([
      "destroy",
      "-input=false",
      "-auto-approve",
      "-target=aws_ecr_lifecycle_policy.inventory_lifecycle",
    ]);
    const review = cdktf("diff", "local-ecr");
    expect([await review.ended(), review.output]).toEqual([0, expect.stringContaining("1 to add")]);
    const deploy = cdktf("deploy", "local-ecr", "--auto-approve");
    expect([await deploy.ended(), deploy.output]).toEqual([
      0,
      expect.stringContaining("Apply complete!"),
    ]);
    expect(await planText("ecr")).toBe("");
  }, 180_000);
});

test("after the next deploy, access tokens are required, and the deploy loses no request", async () => {
  const tokens = await startTokenIssuer("inventory-local");
  try {
    const outdir = join(directory, "bearer");
    mkdirSync(outdir);
    synthesizeLocal(network, outdir, tokens.issuer);
    const bearer = new Terraform({
      directory: join(outdir, "stacks", "local-ecs-service"),
      env: env(),
    });
    await bearer.init();
    const write = await requestToken(tokens.endpoint, "items:read items:write");
    const load = constantLoad(`${url}/items`, {
      headers: { authorization: `Bearer ${write}` },
    });
    await bearer.apply();
    expect(await load.stop()).toMatchObject({ failures: [] });

    const api = checked(url, documents.bearer);
    await api.get("/health").expect(200);
    await api.get("/items").expect(401);
    const read = await requestToken(tokens.endpoint, "items:read");
    await api.get("/items").set("Authorization", `Bearer ${read}`).expect(200);
    await api.post("/items").set("Authorization", `Bearer ${read}`).send(bolt).expect(403);
    const created = api.post("/items").set("Authorization", `Bearer ${write}`).send(bolt);
    await created.expect(201);
  } finally {
    await tokens.stop();
  }
}, 300_000);

test("destroyed by the plain Terraform CLI, only what is protected stays", async () => {
  const destroy = ["destroy", "-input=false", "-auto-approve"];
  await terraform("ecs-service").run(destroy);
  await Promise.all(
    STATES.filter((state) => !["backend", "ecs-service"].includes(state)).map((state) =>
      terraform(state).run(destroy),
    ),
  );
  for (const state of STATES.filter((each) => each !== "backend")) {
    expect((await terraform(state).run(["state", "list"])).stdout).toBe("");
  }
  await expect(terraform("backend").run(destroy)).rejects.toThrow(
    /Resource aws_\w+\.\w+ has lifecycle\.prevent_destroy set/,
  );
}, 240_000);
