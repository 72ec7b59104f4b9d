import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  type AttributeValue,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupEgressCommand,
  CreateSecurityGroupCommand,
  DescribePrefixListsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateRepositoryCommand, DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServicesCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type CreateServiceCommandInput,
  type UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  IAMClient,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clientConfig, type LocalAws } from "../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../local/emulator/emulator";
import {
  reportDeployments,
  reportTargetHealth,
  type DeploymentReport,
} from "../../local/emulator/control";
import { assumedRole } from "./support/emulated-role";
import { rawCall } from "./support/raw-call";

jest.setTimeout(60_000);

const accountId = "000000000000";
const region = "eu-west-1";
const directory = mkdtempSync(join(tmpdir(), "emulator-"));
const logFile = join(directory, "emulator.log");

let emulator: Emulator;
let racing: Emulator;
let aws: LocalAws;

beforeAll(async () => {
  emulator = await startEmulator({ python: "python3", accountId, region, logFile });
  ({ aws } = emulator);
  racing = await startAlteredEmulator("racing", RACE);
});

afterAll(async () => {
  await Promise.all([emulator.stop(), racing.stop()]);
  rmSync(directory, { recursive: true });
});

/** Makes what can go wrong between two threads do so: they take turns often, and S3 dawdles. */
const RACE = `
import sys, time
from moto.s3.models import S3Backend

sys.setswitchinterval(1e-6)
get_object = S3Backend.get_object

def dawdling_get_object(*args, **kwargs):
    found = get_object(*args, **kwargs)
    time.sleep(0.01)
    return found

S3Backend.get_object = dawdling_get_object
`;

/** Lets the clock that deadlines are told by run 600 times as fast. */
const TEN_MINUTES_A_SECOND = `
import time

monotonic = time.monotonic
time.monotonic = lambda: monotonic() * 600
`;

/** One whose Python runs some code before anything else. */
async function startAlteredEmulator(name: string, code: string) {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, "sitecustomize.py"), code);
  process.env.PYTHONPATH = join(directory, name);
  const alteredLog = join(directory, `${name}.log`);
  return startEmulator({ python: "python3", accountId, region, logFile: alteredLog }).finally(
    () => delete process.env.PYTHONPATH,
  );
}

let names = 0;
const uniqueName = (kind: string) => `${kind}-${++names}`;

describe("the emulator's process", () => {
  test("stops when told to, and may be told again", async () => {
    const other = await startEmulator({
      python: "python3",
      accountId,
      region,
      logFile: join(directory, "other.log"),
    });
    await other.stop();
    await other.stop();
    expect(isRunning(other.pid)).toBe(false);
  });

  test("ends when the process that started it is killed", async () => {
    const script = `require("./local/emulator/emulator").startEmulator(${JSON.stringify({
      python: "python3",
      accountId,
      region,
      logFile: join(directory, "orphan.log"),
    })}).then(({ pid }) => console.log(pid))`;
    const parent = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", script], {
      cwd: resolve(__dirname, "../.."),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(isRunning(pid)).toBe(true);
    parent.kill("SIGKILL");
    await eventually(() => !isRunning(pid));
  });

  test("shows the end of its log when it cannot start", async () => {
    const noPython = process.execPath;
    await expect(
      startEmulator({ python: noPython, accountId, region, logFile: join(directory, "no.log") }),
    ).rejects.toThrow(/The local AWS did not start.*bad option: -m/s);
  });

  test("lives in the account it is told", async () => {
    const sts = new STSClient(clientConfig(aws));
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: accountId });
  });
});

describe("ECS", () => {
  const ecs = () => new ECSClient(clientConfig(aws));

  test("a service keeps what it was created with", async () => {
    const given = {
      availabilityZoneRebalancing: "ENABLED",
      capacityProviderStrategy: [{ capacityProvider: "FARGATE", base: 1, weight: 1 }],
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: true, rollback: true },
        maximumPercent: 150,
        minimumHealthyPercent: 50,
      },
      enableECSManagedTags: true,
      enableExecuteCommand: true,
      healthCheckGracePeriodSeconds: 30,
      platformVersion: "1.4.0",
      propagateTags: "SERVICE",
    } as const;
    const service = await createService({
      ...given,
      capacityProviderStrategy: [...given.capacityProviderStrategy],
    });
    const described = await service.describe();
    expect(described).toMatchObject(given);
    expect(described.launchType).toBeUndefined();
    expect(described.roleArn).toMatch(/AWSServiceRoleForECS$/);
  });

  test("a service keeps what it was updated with, and the rest", async () => {
    const service = await createService({ propagateTags: "SERVICE", enableECSManagedTags: true });
    await service.update({ healthCheckGracePeriodSeconds: 7, enableECSManagedTags: false });
    expect(await service.describe()).toMatchObject({
      enableECSManagedTags: false,
      healthCheckGracePeriodSeconds: 7,
      propagateTags: "SERVICE",
    });
  });

  test("a new service runs nothing until the data plane says so", async () => {
    const service = await createService({ desiredCount: 2 });
    const before = await service.describe();
    expect(before).toMatchObject({ desiredCount: 2, runningCount: 0, pendingCount: 0 });
    expect(before.deployments).toEqual([
      expect.objectContaining({
        id: expect.stringMatching(/^ecs-svc\/\d{19}$/) as string,
        status: "PRIMARY",
        rolloutState: "IN_PROGRESS",
        desiredCount: 2,
        runningCount: 0,
        pendingCount: 0,
        failedTasks: 0,
        taskDefinition: service.taskDefinition,
        createdAt: expect.any(Date) as Date,
      }),
    ]);

    await service.report({ runningCount: 1, pendingCount: 1, rolloutState: "IN_PROGRESS" });
    expect(await service.describe()).toMatchObject({ runningCount: 1, pendingCount: 1 });
    await service.report({ runningCount: 2 });
    expect(await service.describe()).toMatchObject({
      runningCount: 2,
      pendingCount: 0,
      deployments: [{ rolloutState: "COMPLETED", rolloutStateReason: "as told" }],
    });
    const { clusters } = await ecs().send(
      new DescribeClustersCommand({ clusters: [service.cluster] }),
    );
    expect(clusters).toMatchObject([{ runningTasksCount: 2, pendingTasksCount: 0 }]);
  });

  test("another number of tasks is not another deployment", async () => {
    const service = await createService({ desiredCount: 1 });
    const [before] = await service.deployments();
    await service.update({ desiredCount: 3 });
    expect(await service.deployments()).toMatchObject([{ id: before?.id, desiredCount: 3 }]);
  });

  test("a new task definition takes over from the old one, which goes when its tasks have", async () => {
    const service = await createService({});
    await service.report({ runningCount: 1 });
    const [old] = await service.deployments();

    const taskDefinition = await registerTaskDefinition(service.name);
    await service.update({ taskDefinition: taskDefinition.split("/").at(-1) });
    expect(await service.deployments()).toMatchObject([
      { status: "PRIMARY", rolloutState: "IN_PROGRESS", taskDefinition, runningCount: 0 },
      { status: "ACTIVE", id: old?.id, runningCount: 1 },
    ]);

    await service.report({ runningCount: 1 });
    expect(await service.deployments()).toHaveLength(2);
    await service.report({ id: old?.id, runningCount: 0 });
    expect(await service.deployments()).toMatchObject([{ status: "PRIMARY", taskDefinition }]);
  });

  test("forceNewDeployment deploys the same again", async () => {
    const service = await createService({});
    const [old] = await service.deployments();
    await service.update({ forceNewDeployment: true });
    const [primary, former] = await service.deployments();
    expect(former?.id).toBe(old?.id);
    expect(primary).toMatchObject({ status: "PRIMARY", taskDefinition: service.taskDefinition });
  });

  const rollback = {
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  };

  test("a deployment that fails is rolled back to the last one that did not", async () => {
    const service = await createService(rollback);
    await service.report({ runningCount: 1 });
    await service.update({ taskDefinition: await registerTaskDefinition(service.name) });
    const [failed] = await service.deployments();
    await service.report({ runningCount: 0, failedTasks: 3, rolloutState: "FAILED" });

    const described = await service.describe();
    const [primary, second] = described.deployments ?? [];
    expect(described.taskDefinition).toBe(service.taskDefinition);
    expect(primary).toMatchObject({ status: "PRIMARY", rolloutState: "IN_PROGRESS" });
    expect(primary?.taskDefinition).toBe(service.taskDefinition);
    expect(second).toMatchObject({ id: failed?.id, status: "ACTIVE", rolloutState: "FAILED" });
    const rollingBack = `rolling back to deploymentId ${primary?.id ?? ""}.`;
    expect(second?.rolloutStateReason?.toLowerCase()).toContain(rollingBack.toLowerCase());
    expect(described.events?.[0]?.message).toBe(`(service ${service.name}) ${rollingBack}`);
  });

  test("a rollback that fails too is left at that", async () => {
    const service = await createService(rollback);
    await service.report({ runningCount: 1 });
    await service.update({ taskDefinition: await registerTaskDefinition(service.name) });
    await service.report({ runningCount: 0, rolloutState: "FAILED" });
    const [rollingBack] = await service.deployments();
    await service.report({ runningCount: 0, rolloutState: "FAILED" });
    expect((await service.deployments())[0]).toMatchObject({
      id: rollingBack?.id,
      rolloutState: "FAILED",
    });
  });

  test.each([
    ["there is nothing to go back to", rollback, false],
    ["the circuit breaker does not roll back", {}, true],
  ])("a deployment that fails stays when %s", async (_, configuration, hasCompleted) => {
    const service = await createService(configuration);
    if (hasCompleted) await service.report({ runningCount: 1 });
    const taskDefinition = await registerTaskDefinition(service.name);
    await service.update({ taskDefinition });
    await service.report({ runningCount: 0, rolloutState: "FAILED" });
    expect(await service.describe()).toMatchObject({ taskDefinition });
    expect((await service.deployments())[0]).toMatchObject({
      status: "PRIMARY",
      rolloutState: "FAILED",
      taskDefinition,
    });
  });

  test("events come last first, the last hundred of them", async () => {
    const { cluster, name, describe } = await createService({});
    const events = Array.from({ length: 101 }, (_, i) => `event ${i}`);
    for (const event of [events.slice(1), events.slice(0, 1)]) {
      await reportDeployments(aws, { cluster, service: name, deployments: [], events: event });
    }
    const described = (await describe()).events ?? [];
    expect(described).toHaveLength(100);
    expect(described[0]).toMatchObject({
      id: expect.any(String) as string,
      createdAt: expect.any(Date) as Date,
      message: "event 0",
    });
  });

  test("a report of an unknown service is refused, of an unknown deployment ignored", async () => {
    const service = await createService({});
    await service.report({ id: "ecs-svc/1", runningCount: 9 });
    expect(await service.describe()).toMatchObject({ runningCount: 0 });
    const unknown = { cluster: service.cluster, service: "no", deployments: [], events: [] };
    await expect(reportDeployments(aws, unknown)).rejects.toThrow("ServiceNotFound");
  });

  test("a deleted service is described as INACTIVE and no longer listed", async () => {
    const { cluster, name, describe } = await createService({});
    await ecs().send(new DeleteServiceCommand({ cluster, service: name, force: true }));
    expect(await describe()).toMatchObject({ status: "INACTIVE", runningCount: 0 });
    const { serviceArns } = await ecs().send(new ListServicesCommand({ cluster }));
    expect(serviceArns).toEqual([]);
  });

  async function registerTaskDefinition(family: string) {
    const { taskDefinition } = await ecs().send(
      new RegisterTaskDefinitionCommand({
        family,
        containerDefinitions: [{ name: "app", image: "app:1", memory: 128 }],
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? "";
  }

  async function createService(input: Partial<CreateServiceCommandInput>) {
    const cluster = uniqueName("cluster");
    const name = uniqueName("service");
    await ecs().send(new CreateClusterCommand({ clusterName: cluster }));
    const taskDefinition = await registerTaskDefinition(name);
    await ecs().send(
      new CreateServiceCommand({
        cluster,
        serviceName: name,
        taskDefinition,
        desiredCount: 1,
        ...input,
      }),
    );
    const describe = async () => {
      const { services } = await ecs().send(
        new DescribeServicesCommand({ cluster, services: [name] }),
      );
      if (!services?.[0]) throw new Error(`no service ${name}`);
      return services[0];
    };
    const deployments = async () => (await describe()).deployments ?? [];
    const report = async (told: Partial<DeploymentReport>) => {
      const [primary] = await deployments();
      const deployment: DeploymentReport = {
        id: primary?.id ?? "",
        runningCount: 0,
        pendingCount: 0,
        failedTasks: 0,
        rolloutState: "COMPLETED",
        rolloutStateReason: "as told",
        ...told,
      };
      await reportDeployments(aws, {
        cluster,
        service: name,
        deployments: [deployment],
        events: [],
      });
    };
    const update = (change: Partial<UpdateServiceCommandInput>) =>
      ecs().send(new UpdateServiceCommand({ cluster, service: name, ...change }));
    return { cluster, name, taskDefinition, describe, deployments, report, update };
  }
});

describe("application autoscaling", () => {
  test("a scalable target has tags", async () => {
    const { ScalableTargetARN: ResourceARN } = await call("RegisterScalableTarget", {
      ServiceNamespace: "dynamodb",
      ResourceId: "table/any",
      ScalableDimension: "dynamodb:table:ReadCapacityUnits",
      MinCapacity: 1,
      MaxCapacity: 2,
      Tags: { a: "1", b: "2" },
    });
    await call("TagResource", { ResourceARN, Tags: { c: "3" } });
    await call("UntagResource", { ResourceARN, TagKeys: ["a"] });
    expect(await call("ListTagsForResource", { ResourceARN })).toEqual({
      Tags: { b: "2", c: "3" },
    });
  });

  test("deleting what is not there is an error that Terraform takes for deleted", async () => {
    const target = {
      ServiceNamespace: "ecs",
      ResourceId: "service/none/none",
      ScalableDimension: "ecs:service:DesiredCount",
    };
    for (const [action, body] of [
      ["DeleteScalingPolicy", { ...target, PolicyName: "cpu" }],
      ["DeregisterScalableTarget", target],
    ] as const) {
      await expect(call(action, body)).rejects.toThrow('"__type": "ObjectNotFoundException"');
    }
  });

  const call = (action: string, body: object) =>
    rawCall(aws, "application-autoscaling", `AnyScaleFrontendService.${action}`, body);
});

describe("DynamoDB", () => {
  test("fifty at once take thirty in stock down to zero and no further", async () => {
    const { table, client } = await createTable();
    for (let round = 0; round < 10; round++) {
      const Key = { id: { S: `round-${round}` } };
      await client.send(
        new PutItemCommand({ TableName: table, Item: { ...Key, stock: { N: "30" } } }),
      );
      const taken = await Promise.allSettled(
        Array.from({ length: 50 }, () =>
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key,
              UpdateExpression: "SET stock = stock - :one",
              ConditionExpression: "stock >= :one",
              ExpressionAttributeValues: { ":one": { N: "1" } },
            }),
          ),
        ),
      );
      expect(taken.filter(({ status }) => status === "fulfilled")).toHaveLength(30);
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
      expect(Item?.stock).toEqual({ N: "0" });
    }
  });

  test("of transactions at once that put the same item, one wins and the others are cancelled", async () => {
    const { table, client } = await createTable();
    for (let round = 0; round < 5; round++) {
      const put = (id: string) => ({
        Put: {
          TableName: table,
          Item: { id: { S: id } },
          ConditionExpression: "attribute_not_exists(id)",
        },
      });
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          client.send(
            new TransactWriteItemsCommand({
              TransactItems: [put(`same-${round}`), put(`other-${round}-${i}`)],
            }),
          ),
        ),
      );
      const failures = results.flatMap((result) =>
        result.status === "rejected" ? [(result.reason as Error).name] : [],
      );
      expect(failures).toEqual(Array.from({ length: 19 }, () => "TransactionCanceledException"));
    }
  });

  describe("a transaction", () => {
    test("that is sent again is not done again", async () => {
      const { client, putNew, rows } = await createItems();
      const request = { TransactItems: [putNew("a")], ClientRequestToken: uniqueName("token") };
      await client.send(new TransactWriteItemsCommand(request));
      await client.send(new TransactWriteItemsCommand(request));
      const other = { ...request, TransactItems: [putNew("b")] };
      await expect(client.send(new TransactWriteItemsCommand(other))).rejects.toMatchObject({
        name: "IdempotentParameterMismatchException",
      });
      expect(await rows()).toEqual([row("a")]);
    });

    test("that was cancelled is tried again", async () => {
      const { client, putNew, put, rows, remove } = await createItems();
      await put(row("a", 5));
      const request = { TransactItems: [putNew("a")], ClientRequestToken: uniqueName("token") };
      await expect(client.send(new TransactWriteItemsCommand(request))).rejects.toMatchObject({
        name: "TransactionCanceledException",
      });
      await remove("a");
      await client.send(new TransactWriteItemsCommand(request));
      expect(await rows()).toEqual([row("a")]);
    });

    test("is forgotten after ten minutes", async () => {
      const hurried = await startAlteredEmulator("hurried", TEN_MINUTES_A_SECOND);
      try {
        const { client, putNew } = await createItems(hurried.aws);
        const ClientRequestToken = uniqueName("token");
        const send = (id: string) =>
          client.send(
            new TransactWriteItemsCommand({ TransactItems: [putNew(id)], ClientRequestToken }),
          );
        await send("a");
        await eventually(() => send("b").then(Boolean, () => false));
      } finally {
        await hurried.stop();
      }
    });

    test("that is cancelled says why for each of its parts, and leaves every row as it was", async () => {
      const { client, table: TableName, putNew, put, rows } = await createItems();
      const taken = row("taken", 3, { attributes: { M: { origin: { S: "" } } } });
      for (const each of [taken, row("updated"), row("deleted")]) await put(each);
      const before = await rows();
      const ifVersion = (version: number) => ({
        ConditionExpression: "version = :version",
        ExpressionAttributeValues: { ":version": { N: String(version) } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
      });
      const update = {
        TableName,
        Key: { id: { S: "updated" } },
        UpdateExpression: "SET quantity = quantity + :delta",
        ExpressionAttributeValues: { ":delta": { N: "1" } },
      };
      const parts: TransactWriteItem[] = [
        { Update: update },
        { Delete: { TableName, Key: { id: { S: "deleted" } } } },
        putNew("new"),
        { Put: { TableName, Item: row("taken"), ...ifVersion(7) } },
        { Delete: { TableName, Key: { id: { S: "absent" } }, ...ifVersion(1) } },
      ];
      const failed = { Code: "ConditionalCheckFailed" };
      await expect(
        client.send(new TransactWriteItemsCommand({ TransactItems: parts })),
      ).rejects.toMatchObject({
        name: "TransactionCanceledException",
        CancellationReasons: [
          { Code: "None" },
          { Code: "None" },
          { Code: "None" },
          { ...failed, Item: taken },
          failed,
        ],
      });
      expect(await rows()).toEqual(before);
    });
  });

  test("the maximum on-demand throughput of table and index is kept, changed and taken away", async () => {
    const client = new DynamoDBClient(clientConfig(aws));
    const TableName = uniqueName("table");
    const limits = (read: number, write: number) => ({
      OnDemandThroughput: { MaxReadRequestUnits: read, MaxWriteRequestUnits: write },
    });
    const { input } = tableOf(TableName);
    const [index] = input.GlobalSecondaryIndexes ?? [];
    const { TableDescription } = await client.send(
      new CreateTableCommand({
        ...input,
        ...limits(1, 2),
        GlobalSecondaryIndexes: index && [{ ...index, ...limits(3, 4) }],
      }),
    );
    expect(TableDescription).toMatchObject({
      ...limits(1, 2),
      GlobalSecondaryIndexes: [limits(3, 4)],
    });
    await client.send(
      new UpdateTableCommand({
        TableName,
        OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: 5 },
        GlobalSecondaryIndexUpdates: [{ Update: { IndexName: "by-id", ...limits(6, 7) } }],
      }),
    );
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({ GlobalSecondaryIndexes: [limits(6, 7)] });
    expect(Table?.OnDemandThroughput).toEqual({ MaxWriteRequestUnits: 5 });
  });

  test("rows that were read or replaced are not kept", async () => {
    const { put, rows } = await createItems();
    await put(row("a"));
    await put(row("a"));
    await rows();
    // Where moto shows what it keeps besides its tables.
    const kept = await fetch(`${aws.endpoint}/moto-api/data.json`, {
      headers: { authorization: `Bearer ${aws.controlSecret}` },
    });
    expect(await kept.json()).toMatchObject({ dynamodb: { Item: [] } });
  });

  describe("an expression", () => {
    const value = { ":v": { S: "1" } };
    const unused = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}";
    const undefinedIn = (expression: string) =>
      `Invalid ${expression}: An expression attribute value used in expression is not defined; attribute value: :v`;

    test.each([
      ["with a value that it does not use", "attribute_not_exists(id)", value, unused],
      [
        "with a value that it is not given",
        "id = :v",
        undefined,
        undefinedIn("ConditionExpression"),
      ],
    ])("%s is refused, in a transaction too", async (_, condition, values, message) => {
      const { client, table: TableName, rows } = await createItems();
      const write = {
        TableName,
        Item: row("a"),
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      };
      const refused = { name: "ValidationException", message };
      await expect(client.send(new PutItemCommand(write))).rejects.toMatchObject(refused);
      await expect(
        client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: write }] })),
      ).rejects.toMatchObject(refused);
      expect(await rows()).toEqual([]);
    });

    test("names a key that is a reserved word by a placeholder", async () => {
      const { client, table: TableName } = await createItems();
      const query = {
        TableName,
        IndexName: "by-quantity",
        ExpressionAttributeValues: { ":shard": { N: "0" }, ":max": { N: "5" } },
      };
      await expect(
        client.send(
          new QueryCommand({
            ...query,
            KeyConditionExpression: "shard = :shard AND quantity BETWEEN :max AND :max",
          }),
        ),
      ).rejects.toMatchObject({
        name: "ValidationException",
        message:
          "Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: shard",
      });
      await client.send(
        new QueryCommand({
          ...query,
          KeyConditionExpression: "#shard = :shard AND quantity BETWEEN :max AND :max",
          ExpressionAttributeNames: { "#shard": "shard" },
        }),
      );
    });
  });

  describe("pages", () => {
    const reads = [
      ["of a table", undefined],
      ["of an index", "by-quantity"],
    ] as const;

    test.each(reads)(
      "%s: a full one may be the last, and an empty one follows",
      async (_, index) => {
        const { put, page } = await createItems();
        await put(row("a"));
        await put(row("b"));
        const full = await page(index, 2);
        expect(full).toMatchObject({ ids: ["a", "b"], next: { id: { S: "b" } } });
        expect(await page(index, 2, full.next)).toEqual({ ids: [], next: undefined });
        expect(await page(index, 3)).toEqual({ ids: ["a", "b"], next: undefined });
      },
    );

    test.each(reads)("%s: a start key of other keys is refused", async (_, index) => {
      const { page } = await createItems();
      const starts: Row[] = [{ other: { S: "a" } }, { id: { N: "1" } }];
      for (const start of starts) {
        await expect(page(index, 2, start)).rejects.toMatchObject({
          name: "ValidationException",
          message: "The provided starting key is invalid",
        });
      }
    });

    test.each(reads)("%s: rows that come and go do not move those that stay", async (_, index) => {
      const { put, page, remove } = await createItems();
      const stay = Array.from({ length: 10 }, (_, i) => `stays-${i}`);
      for (const id of [...stay, "goes-a", "goes-b"].sort().reverse()) await put(row(id));
      const seen: string[] = [];
      let next: Row | undefined;
      do {
        const read = await page(index, 3, next);
        seen.push(...read.ids.filter((id) => id.startsWith("stays")));
        next = read.next;
        const last = next?.id?.S ?? "";
        if (last.startsWith("goes")) await remove(last);
        await put(row(uniqueName("comes")));
      } while (next && seen.length < 20);
      expect(seen.sort()).toEqual(stay);
    });
  });

  async function createTable() {
    const table = uniqueName("table");
    const client = new DynamoDBClient({ ...clientConfig(racing.aws), maxAttempts: 1 });
    await client.send(tableOf(table));
    return { table, client };
  }

  type Row = Record<string, AttributeValue>;

  const row = (id: string, quantity = 1, more: Row = {}): Row => ({
    id: { S: id },
    shard: { N: "0" },
    quantity: { N: String(quantity) },
    version: { N: "1" },
    ...more,
  });

  /** A table with an index `by-quantity` on `shard` and `quantity`. */
  async function createItems(on = aws) {
    const table = uniqueName("table");
    const client = new DynamoDBClient({ ...clientConfig(on), maxAttempts: 1 });
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "id", AttributeType: "S" },
          { AttributeName: "shard", AttributeType: "N" },
          { AttributeName: "quantity", AttributeType: "N" },
        ],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-quantity",
            KeySchema: [
              { AttributeName: "shard", KeyType: "HASH" },
              { AttributeName: "quantity", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "ALL" },
          },
        ],
      }),
    );
    const ofIndex = (IndexName: string) => ({
      IndexName,
      KeyConditionExpression: "#shard = :shard AND quantity <= :max",
      ExpressionAttributeNames: { "#shard": "shard" },
      ExpressionAttributeValues: { ":shard": { N: "0" }, ":max": { N: "5" } },
    });
    const rows = async () => (await client.send(new ScanCommand({ TableName: table }))).Items;
    const put = (Item: Row) => client.send(new PutItemCommand({ TableName: table, Item }));
    const remove = (id: string) =>
      client.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: id } } }));
    const putNew = (id: string): TransactWriteItem => ({
      Put: {
        TableName: table,
        Item: row(id),
        ConditionExpression: "attribute_not_exists(id)",
      },
    });
    const page = async (index: string | undefined, Limit: number, ExclusiveStartKey?: Row) => {
      const read = { TableName: table, Limit, ExclusiveStartKey };
      const { Items = [], LastEvaluatedKey } = index
        ? await client.send(new QueryCommand({ ...read, ...ofIndex(index) }))
        : await client.send(new ScanCommand(read));
      return { ids: Items.map(({ id }) => id?.S ?? ""), next: LastEvaluatedKey };
    };
    return { table, client, rows, put, remove, putNew, page };
  }
});

describe("ELB", () => {
  test("a target is healthy only when the data plane says so, until it is deregistered", async () => {
    const { elb, targetGroupArn } = await createTargetGroup();
    const Targets = [{ Id: "127.0.1.1", Port: 3000 }];
    const of = { TargetGroupArn: targetGroupArn, Targets };
    const health = async () => {
      const answer = await elb.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
      );
      return answer.TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth);
    };
    const target = { id: "127.0.1.1", port: 3000 };
    const initial = [{ State: "initial", Reason: "Elb.RegistrationInProgress" }];

    await elb.send(new RegisterTargetsCommand(of));
    expect(await health()).toMatchObject(initial);
    await reportTargetHealth(aws, { targetGroupArn, targets: [{ ...target, state: "healthy" }] });
    expect(await health()).toEqual([{ State: "healthy" }]);
    const unhealthy = { state: "unhealthy", reason: "Target.Timeout", description: "too slow" };
    await reportTargetHealth(aws, {
      targetGroupArn,
      targets: [{ ...target, ...unhealthy, state: "unhealthy" }],
    });
    expect(await health()).toEqual([
      { State: "unhealthy", Reason: "Target.Timeout", Description: "too slow" },
    ]);
    await elb.send(new DeregisterTargetsCommand(of));
    expect(await health()).toEqual([]);
    await elb.send(new RegisterTargetsCommand(of));
    expect(await health()).toMatchObject(initial);
  });

  test("two ports of one address are two targets", async () => {
    const { elb, targetGroupArn } = await createTargetGroup();
    const Targets = [3000, 3001].map((Port) => ({ Id: "127.0.0.1", Port }));
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
    await reportTargetHealth(aws, {
      targetGroupArn,
      targets: [{ id: "127.0.0.1", port: 3001, state: "healthy" }],
    });
    await elb.send(
      new DeregisterTargetsCommand({
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: "127.0.0.1", Port: 3000 }],
      }),
    );
    const answer = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    expect(answer.TargetHealthDescriptions).toMatchObject([
      { Target: { Id: "127.0.0.1", Port: 3001 }, TargetHealth: { State: "healthy" } },
    ]);
  });

  test("a report of an unknown target group is refused", async () => {
    await expect(
      reportTargetHealth(aws, { targetGroupArn: "arn:none", targets: [] }),
    ).rejects.toThrow("target group 'arn:none' does not exist");
  });

  test("a load balancer or listener that is created twice with the same settings is one", async () => {
    const elb = new ElasticLoadBalancingV2Client(clientConfig(aws));
    const { Subnets = [] } = await new EC2Client(clientConfig(aws)).send(
      new DescribeSubnetsCommand({}),
    );
    const balancer = {
      Name: uniqueName("lb"),
      Subnets: Subnets.map(({ SubnetId = "" }) => SubnetId),
    };
    const createBalancer = async (changes: object = {}) => {
      const { LoadBalancers } = await elb.send(
        new CreateLoadBalancerCommand({ ...balancer, ...changes }),
      );
      return LoadBalancers?.[0]?.LoadBalancerArn ?? "";
    };
    const [LoadBalancerArn, again] = await Promise.all([createBalancer(), createBalancer()]);
    expect(again).toBe(LoadBalancerArn);
    await expect(createBalancer({ Scheme: "internal" })).rejects.toMatchObject({
      name: "DuplicateLoadBalancerNameException",
    });

    const { targetGroupArn: TargetGroupArn } = await createTargetGroup();
    const createListener = async (changes: object = {}) => {
      const { Listeners } = await elb.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol: "HTTP",
          Port: 80,
          // moto adds defaults to it.
          DefaultActions: [
            { Type: "forward", ForwardConfig: { TargetGroups: [{ TargetGroupArn }] } },
          ],
          ...changes,
        }),
      );
      return Listeners?.[0]?.ListenerArn;
    };
    const [listener, repeated] = await Promise.all([createListener(), createListener()]);
    expect(repeated).toBe(listener);
    await expect(
      createListener({ DefaultActions: [{ Type: "forward", TargetGroupArn }] }),
    ).rejects.toMatchObject({ name: "DuplicateListenerException" });
    expect(await createListener({ Port: 81 })).not.toBe(listener);
    const { Listeners } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
    expect(Listeners).toHaveLength(2);
  });

  async function createTargetGroup() {
    const elb = new ElasticLoadBalancingV2Client(clientConfig(aws));
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: uniqueName("group"),
        TargetType: "ip",
        Protocol: "HTTP",
        Port: 3000,
        VpcId: await defaultVpc(),
      }),
    );
    return { elb, targetGroupArn: TargetGroups?.[0]?.TargetGroupArn ?? "" };
  }
});

describe("EC2", () => {
  test("a rule that names a security group or a prefix list keeps its description", async () => {
    const ec2 = new EC2Client(clientConfig(aws));
    const create = { GroupName: uniqueName("group"), Description: "-", VpcId: await defaultVpc() };
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(create));
    const { PrefixLists } = await ec2.send(new DescribePrefixListsCommand({}));
    const onPort = { IpProtocol: "tcp", FromPort: 443, ToPort: 443 };
    const Description = "why it is open";
    const peers = [
      { UserIdGroupPairs: [{ GroupId, Description }] },
      { PrefixListIds: [{ PrefixListId: PrefixLists?.[0]?.PrefixListId, Description }] },
    ];
    for (const peer of peers) {
      const IpPermissions = [{ ...onPort, ...peer }];
      await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
    }
    const { SecurityGroupRules } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({
        Filters: [{ Name: "group-id", Values: [GroupId ?? ""] }],
      }),
    );
    const described = SecurityGroupRules?.filter(({ FromPort }) => FromPort === 443);
    expect(described).toMatchObject([{ Description }, { Description }]);
  });
});

async function defaultVpc() {
  const { Vpcs } = await new EC2Client(clientConfig(aws)).send(new DescribeVpcsCommand({}));
  return Vpcs?.[0]?.VpcId;
}

describe("S3", () => {
  const s3 = (config: S3ClientConfig = clientConfig(aws)) =>
    new S3Client({ ...config, forcePathStyle: true });

  test("a bucket that is TLS-only can be used: loopback stands in for TLS", async () => {
    const { Bucket, arn } = await createBucket();
    await putPolicy(Bucket, {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [arn, `${arn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    await s3().send(new PutObjectCommand({ Bucket, Key: "state", Body: "1" }));
    const { Body } = await s3().send(new GetObjectCommand({ Bucket, Key: "state" }));
    expect(await Body?.transformToString()).toBe("1");
  });

  test("a Deny on one role's ARN binds that role alone", async () => {
    const { Bucket, arn } = await createBucket();
    const all = { Effect: "Allow", Action: "s3:*", Resource: "*" };
    const deploy = await roleWith(all);
    const admin = await roleWith(all);
    await putPolicy(Bucket, {
      Effect: "Deny",
      Principal: "*",
      Action: "s3:DeleteObject",
      Resource: `${arn}/*.tfstate`,
      Condition: { ArnLike: { "aws:PrincipalArn": deploy.arn } },
    });
    const remove = async (config: S3ClientConfig, Key: string) => {
      await s3().send(new PutObjectCommand({ Bucket, Key, Body: "1" }));
      await s3(config).send(new DeleteObjectCommand({ Bucket, Key }));
    };
    await expect(remove(deploy.config, "dev.tfstate")).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await remove(deploy.config, "dev.tfstate.tflock");
    await remove(admin.config, "dev.tfstate");
    await remove(clientConfig(aws), "dev.tfstate");
  });

  test("a Deny without a Condition binds everybody", async () => {
    const { Bucket, arn } = await createBucket();
    await s3().send(new PutObjectCommand({ Bucket, Key: "kept", Body: "1" }));
    const statement = { Principal: "*", Action: "s3:DeleteObject", Resource: `${arn}/*` };
    await putPolicy(Bucket, { Effect: "Deny", ...statement });
    await expect(s3().send(new DeleteObjectCommand({ Bucket, Key: "kept" }))).rejects.toMatchObject(
      { name: "AccessDenied" },
    );
  });

  test("a role reads what its own policy or the bucket's allows, and nothing else", async () => {
    const { Bucket, arn } = await createBucket();
    const role = await roleWith({
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: `${arn}/own/*`,
    });
    await putPolicy(Bucket, {
      Effect: "Allow",
      Principal: { AWS: role.arn },
      Action: "s3:GetObject",
      Resource: `${arn}/shared/*`,
    });
    const read = async (Key: string) => {
      await s3().send(new PutObjectCommand({ Bucket, Key, Body: Key }));
      const { Body } = await s3(role.config).send(new GetObjectCommand({ Bucket, Key }));
      return Body?.transformToString();
    };
    expect(await read("own/a")).toBe("own/a");
    expect(await read("shared/a")).toBe("shared/a");
    await expect(read("secret/a")).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(
      s3(role.config).send(new PutObjectCommand({ Bucket, Key: "own/a", Body: "2" })),
    ).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("of lock files put at once where there is none, one is kept", async () => {
    const client = s3({ ...clientConfig(racing.aws), maxAttempts: 1 });
    const Bucket = uniqueName("bucket");
    await client.send(new CreateBucketCommand({ Bucket }));
    for (let round = 0; round < 3; round++) {
      const lock = { Bucket, Key: `lock-${round}`, Body: "1", IfNoneMatch: "*" };
      const puts = await Promise.allSettled(
        Array.from({ length: 20 }, () => client.send(new PutObjectCommand(lock))),
      );
      const failures = puts.flatMap((put) =>
        put.status === "rejected" ? [(put.reason as Error).name] : [],
      );
      expect(failures).toEqual(Array.from({ length: 19 }, () => "PreconditionFailed"));
    }
  });

  async function createBucket() {
    const Bucket = uniqueName("bucket");
    await s3().send(new CreateBucketCommand({ Bucket }));
    return { Bucket, arn: `arn:aws:s3:::${Bucket}` };
  }

  async function putPolicy(Bucket: string, statement: object) {
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await s3().send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }
});

describe("IAM", () => {
  const tableArn = (table: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${table}`;
  const denied = { name: "AccessDeniedException" };

  test("a role does what its policy allows: that action, on that table", async () => {
    const [own, other] = [await createTable(), await createTable()];
    const { client } = await dynamoRole({
      Effect: "Allow",
      Action: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
      Resource: tableArn(own),
    });
    const Key = { id: { S: "1" } };
    await client.send(new GetItemCommand({ TableName: own, Key }));
    await client.send(new GetItemCommand({ TableName: tableArn(own), Key }));
    await client.send(new BatchGetItemCommand({ RequestItems: { [own]: { Keys: [Key] } } }));
    const getOther = new GetItemCommand({ TableName: other, Key });
    await expect(client.send(getOther)).rejects.toMatchObject(denied);
    const RequestItems = { [own]: { Keys: [Key] }, [other]: { Keys: [Key] } };
    const getBoth = new BatchGetItemCommand({ RequestItems });
    await expect(client.send(getBoth)).rejects.toMatchObject(denied);
    await expect(client.send(new PutItemCommand({ TableName: own, Item: Key }))).rejects.toThrow(
      /assumed-role\/.* is not authorized to perform: dynamodb:PutItem on resource: .*table-/,
    );
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject(denied);
  });

  test("an index is a resource of its own", async () => {
    const table = await createTable();
    const query = (IndexName?: string) =>
      new QueryCommand({
        TableName: table,
        IndexName,
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": { S: "1" } },
      });
    const allowed = { Effect: "Allow", Action: "dynamodb:Query" };
    const { client } = await dynamoRole({ ...allowed, Resource: tableArn(table) });
    await client.send(query());
    await expect(client.send(query("by-id"))).rejects.toMatchObject(denied);
    const indexed = await dynamoRole({ ...allowed, Resource: `${tableArn(table)}/index/*` });
    await indexed.client.send(query("by-id"));
  });

  test("a transaction needs what each of its parts needs", async () => {
    const table = await createTable();
    const { client } = await dynamoRole({
      Effect: "Allow",
      Action: "dynamodb:PutItem",
      Resource: tableArn(table),
    });
    const Key = { id: { S: "1" } };
    const put = { Put: { TableName: table, Item: Key } };
    await client.send(new TransactWriteItemsCommand({ TransactItems: [put] }));
    const remove = { Delete: { TableName: table, Key: { id: { S: "2" } } } };
    await expect(
      client.send(new TransactWriteItemsCommand({ TransactItems: [put, remove] })),
    ).rejects.toThrow("dynamodb:DeleteItem");
  });

  test("NotAction, NotResource, Deny and Condition mean what they mean on AWS", async () => {
    const [open, closed] = [await createTable(), await createTable()];
    const { client } = await dynamoRole(
      { Effect: "Allow", NotAction: "dynamodb:PutItem", NotResource: tableArn(closed) },
      {
        Effect: "Allow",
        Action: "dynamodb:PutItem",
        Resource: "*",
        Condition: { StringNotLike: { "aws:RequestedRegion": "eu-*" } },
      },
      {
        Effect: "Deny",
        Action: "dynamodb:Update*",
        Resource: "*",
        Condition: { StringEquals: { "aws:PrincipalAccount": [accountId] } },
      },
    );
    const Key = { id: { S: "1" } };
    await client.send(new GetItemCommand({ TableName: open, Key }));
    const refused = [
      client.send(new GetItemCommand({ TableName: closed, Key })),
      client.send(new PutItemCommand({ TableName: open, Item: Key })),
      client.send(new UpdateItemCommand({ TableName: open, Key })),
    ];
    await Promise.all(refused.map((call) => expect(call).rejects.toMatchObject(denied)));
  });

  test("managed policies count, AWS's own among them", async () => {
    const iam = new IAMClient(clientConfig(aws));
    const table = await createTable();
    const role = await roleWith();
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "dynamodb:GetItem", Resource: tableArn(table) },
    });
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: uniqueName("policy"), PolicyDocument }),
    );
    for (const PolicyArn of [Policy?.Arn, "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"]) {
      await iam.send(new AttachRolePolicyCommand({ RoleName: role.name, PolicyArn }));
    }
    const Key = { id: { S: "1" } };
    await new DynamoDBClient(role.config).send(new GetItemCommand({ TableName: table, Key }));
    await new EC2Client(role.config).send(new DescribeSubnetsCommand({}));
  });

  test("registering a task definition needs iam:PassRole on its roles", async () => {
    const register = { Effect: "Allow", Action: "ecs:RegisterTaskDefinition", Resource: "*" };
    const { arn: taskRoleArn } = await roleWith();
    const command = new RegisterTaskDefinitionCommand({
      family: "passing",
      taskRoleArn,
      containerDefinitions: [{ name: "app", image: "app:1", memory: 128 }],
    });
    const without = await roleWith(register);
    await expect(new ECSClient(without.config).send(command)).rejects.toThrow("iam:PassRole");
    const withIt = await roleWith(register, {
      Effect: "Allow",
      Action: "iam:PassRole",
      Resource: taskRoleArn,
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    });
    await new ECSClient(withIt.config).send(command);
  });

  test("a repository is a resource", async () => {
    const [own, other] = [uniqueName("repository"), uniqueName("repository")];
    for (const repositoryName of [own, other]) {
      await new ECRClient(clientConfig(aws)).send(new CreateRepositoryCommand({ repositoryName }));
    }
    const role = await roleWith({
      Effect: "Allow",
      Action: "ecr:DescribeImages",
      Resource: `arn:aws:ecr:${region}:${accountId}:repository/${own}`,
    });
    const ecr = new ECRClient(role.config);
    await ecr.send(new DescribeImagesCommand({ repositoryName: own }));
    await expect(
      ecr.send(new DescribeImagesCommand({ repositoryName: other })),
    ).rejects.toMatchObject(denied);
  });

  test("a log group is a resource", async () => {
    const [own, other] = [uniqueName("logs"), uniqueName("logs")];
    for (const logGroupName of [own, other]) {
      const logs = new CloudWatchLogsClient(clientConfig(aws));
      await logs.send(new CreateLogGroupCommand({ logGroupName }));
    }
    const role = await roleWith({
      Effect: "Allow",
      Action: "logs:CreateLogStream",
      Resource: `arn:aws:logs:${region}:${accountId}:log-group:${own}:log-stream:*`,
    });
    const logs = new CloudWatchLogsClient(role.config);
    await logs.send(new CreateLogStreamCommand({ logGroupName: own, logStreamName: "task" }));
    await expect(
      logs.send(new CreateLogStreamCommand({ logGroupName: other, logStreamName: "task" })),
    ).rejects.toMatchObject(denied);
  });

  test("a refusal has the shape of the service's protocol", async () => {
    const { config } = await roleWith();
    await expect(new IAMClient(config).send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toMatchObject({
      ...denied,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(new EC2Client(config).send(new DescribeSubnetsCommand({}))).rejects.toMatchObject({
      name: "UnauthorizedOperation",
    });
  });

  test("an unknown key is refused", async () => {
    const config = {
      ...clientConfig(aws),
      credentials: { accessKeyId: "AKIANOBODY", secretAccessKey: "x" },
    };
    await expect(new DynamoDBClient(config).send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
    await expect(new IAMClient(config).send(new ListRolesCommand({}))).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
  });

  async function createTable() {
    const table = uniqueName("table");
    await new DynamoDBClient(clientConfig(aws)).send(tableOf(table));
    return table;
  }

  async function dynamoRole(...statements: object[]) {
    const { config } = await roleWith(...statements);
    return { client: new DynamoDBClient(config) };
  }
});

/** A role with these statements in an inline policy, assumed. */
const roleWith = (...statements: object[]) => assumedRole(aws, { statements });

function tableOf(table: string) {
  return new CreateTableCommand({
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    GlobalSecondaryIndexes: [
      {
        IndexName: "by-id",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      },
    ],
  });
}

function isRunning(pid: number) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000) {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await sleep(20);
  }
}
