import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import { DescribeClustersCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { useLocalFlask } from "./support/local-flask";
import { waitUntil } from "./support/wait-until";

const STATES = ["ecr", "ecs-cluster", "iam", "alb", "ecs-service"];

const flask = useLocalFlask();

test("the application answers / and /health through the load balancer", async () => {
  expect(JSON.parse((await flask().get("/")).text)).toMatchObject({ message: "Hello from Flask" });
  expect(await flask().get("/health")).toEqual({ status: 200, text: '{"status":"ok"}\n' });
});

test("its smoke test passes", async () => {
  const smoke = await flask().smoke();
  expect([smoke.exitCode, smoke.output]).toEqual([0, expect.stringContaining("read /")]);
}, 60_000);

test("scaled to two tasks, both answer", async () => {
  await flask().scaleTo(2);
  // The load balancer keeps its connections, each of which leads to one worker of a task.
  const workers = new Set<unknown>();
  await waitUntil("two workers have answered", async () => {
    workers.add((JSON.parse((await flask().get("/")).text) as { process: number }).process);
    return workers.size >= 2;
  });
}, 60_000);

test("a second plan of every state is empty", async () => {
  for (const state of STATES)
    expect([state, await flask().terraform(state).hasChanges()]).toEqual([state, false]);
}, 120_000);

test("each request is a line of JSON in the log group", async () => {
  await flask().get("/?logged");
  const logs = new CloudWatchLogsClient(flask().config);
  await waitUntil("the line", async () => {
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/ecs/flask-local" }),
    );
    const lines = events.filter(({ message = "" }) => message.startsWith("{"));
    return lines.some(({ message = "" }) => {
      const { method, path, status } = JSON.parse(message) as Record<string, unknown>;
      return method === "GET" && path === "/" && status === 200;
    });
  });
}, 60_000);

test("an image tag that is not in the repository is refused before anything is changed", async () => {
  const { exitCode, output } = await flask().run("deploy", "--image-tag", "f".repeat(40));
  expect([exitCode, output]).toEqual([
    1,
    expect.stringMatching(/flask-local has no image f{40}\. Push it, or promote it/),
  ]);
  expect((await flask().describeService())?.deployments).toHaveLength(1);
}, 60_000);

test("a container that fails at start is rolled back; the deploy and the logs say why", async () => {
  const image = await flask().publish("b", 'raise ValueError("no configuration")\n');
  expect(await flask().failedDeploy(image)).toMatch(
    // Why gunicorn ends with 1, too, is said in python-container.test.ts.
    /Essential container in task exited \(exit code [13]\)/,
  );
  const logs = new CloudWatchLogsClient(flask().config);
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: "/ecs/flask-local" }),
  );
  const text = events.map(({ message }) => message).join("\n");
  expect(text).toContain("ValueError: no configuration");
}, 300_000);

test("without a task the load balancer answers 503, until there is one again", async () => {
  await flask().scaleTo(0);
  expect(await flask().get("/")).toMatchObject({ status: 503 });
  await flask().scaleTo(1);
  await waitUntil("it answers 200", async () => (await flask().get("/")).status === 200);
}, 120_000);

describe("torn down", () => {
  const destroy = ["destroy", "-input=false", "-auto-approve"];

  test("a protected repository that has images stays, and says so", async () => {
    const states = join(flask().directory, "protected");
    mkdirSync(states);
    flask().synthesizeProtected(states);
    const ecr = flask().terraform("ecr", states);
    await ecr.init();
    await ecr.apply();
    await expect(ecr.run(destroy)).rejects.toThrow(
      /ECR Repository \(flask-local\) not empty, consider using force_delete/,
    );
    expect(await flask().get("/health")).toMatchObject({ status: 200 });
    // What the runbook says: `deletionProtection: false`, and a deploy.
    await flask().terraform("ecr").apply();
  }, 120_000);

  test("nothing is left of any state", async () => {
    for (const state of ["ecs-service", "alb", "iam", "ecs-cluster", "ecr"]) {
      await flask().terraform(state).run(destroy);
      expect((await flask().terraform(state).run(["state", "list"])).stdout).toBe("");
    }
    const config = flask().config;
    const { repositories } = await new ECRClient(config).send(new DescribeRepositoriesCommand({}));
    const { clusters = [] } = await new ECSClient(config).send(
      new DescribeClustersCommand({ clusters: ["flask-local"] }),
    );
    // ECS can be asked of a deleted cluster for a while.
    const active = clusters.filter(({ status }) => status !== "INACTIVE");
    const { LoadBalancers } = await new ElasticLoadBalancingV2Client(config).send(
      new DescribeLoadBalancersCommand({}),
    );
    const { logGroups } = await new CloudWatchLogsClient(config).send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: "/ecs/" }),
    );
    expect({ repositories, active, LoadBalancers, logGroups }).toEqual({
      repositories: [],
      active: [],
      LoadBalancers: [],
      logGroups: [],
    });
  }, 240_000);
});
