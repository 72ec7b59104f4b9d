import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { App } from "cdktf";
import { producersOf } from "../../delivery/synthesized/config";
import { readStates } from "../../delivery/synthesized/states";
import { platform as inventory } from "../../platforms/inventory/platform";
import { StateStack } from "../../stacks/state-stack";
import { appOf, someAccount, synthesized, synthesizedStates } from "../support/app";
import { manyServices, withConnections, withSecrets } from "../support/platforms";

const outdir = mkdtempSync(join(tmpdir(), "registry-"));

beforeAll(() => {
  appOf(manyServices, [someAccount], outdir).synth();
});

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

const dependenciesOf = (name: string) =>
  readStates(outdir).find((state) => state.name === name)?.dependencies;

test("the state of a service depends on the states that the service uses, and on no others", () => {
  const always = ["dev-ecr", "dev-ecs-cluster", "dev-iam"];
  expect(dependenciesOf("dev-ecs-service")).toEqual(["dev-alb", ...always, "dev-dynamodb"]);
  expect(dependenciesOf("dev-ecs-service-admin")).toEqual(["dev-alb", ...always]);
  expect(dependenciesOf("dev-ecs-service-worker")).toEqual(always);
});

test("a state depends on every state whose outputs it reads", () => {
  const states = readStates(outdir);
  const reading = states.filter((state) => producersOf(state).length > 0);
  expect(reading.map(({ name }) => name)).toEqual(["dev-ecs-service", "dev-ecs-service-admin"]);
  for (const state of reading) {
    const producers = producersOf(state).map(({ name }) => name);
    expect(state.dependencies).toEqual(expect.arrayContaining(producers));
  }
});

test("a service that reads secrets or an output of the load balancer depends on their states", () => {
  const folder = mkdtempSync(join(tmpdir(), "registry-values-"));
  const services = withSecrets.services.map((service) => ({ ...service, route: undefined }));
  appOf({ ...withSecrets, services }, [someAccount], folder).synth();
  const [main] = readStates(folder).filter(({ name }) => name === "dev-ecs-service");
  rmSync(folder, { recursive: true });
  expect(main?.dependencies).toEqual(expect.arrayContaining(["dev-alb", "dev-secrets"]));
});

test("a service is deployed after the services that it calls, and a called one after their namespace", () => {
  const folder = mkdtempSync(join(tmpdir(), "registry-connections-"));
  appOf(withConnections, [someAccount], folder).synth();
  const dependencies = Object.fromEntries(
    readStates(folder).map((state) => [state.name, state.dependencies]),
  );
  rmSync(folder, { recursive: true });
  const always = ["dev-ecr", "dev-ecs-cluster", "dev-iam"];
  expect(dependencies["dev-ecs-service-admin"]).toEqual([...always, "dev-ecs-service-worker"]);
  expect(dependencies["dev-ecs-service-worker"]).toEqual([...always, "dev-discovery"]);
  expect(dependencies["dev-ecs-service"]).toContain("dev-ecs-service-worker");
  expect(dependencies["dev-ecs-service"]).not.toContain("dev-discovery");
});

/** A state with a resource in the environment's region and one in us-east-1. */
class TwoRegionStack extends StateStack {
  constructor(app: App) {
    super(app, "two-regions", { platform: inventory, environment: someAccount });
    new SnsTopic(this, "here", { name: "here" });
    new SnsTopic(this, "there", { name: "there", provider: this.usEast1 });
    new SnsTopic(this, "there-too", { name: "there-too", provider: this.usEast1 });
  }
}

test("a state can use a second provider, for us-east-1, with the same account and tags", () => {
  const { "dev-two-regions": state } = synthesized((app) => new TwoRegionStack(app));
  const [regional, usEast1] = state?.provider.aws ?? [];
  expect(regional).toMatchObject({ region: "${var.region}" });
  expect(usEast1).toEqual({ ...regional, alias: "us_east_1", region: "us-east-1" });
  expect(state?.resource.aws_sns_topic).toMatchObject({
    there: { provider: "aws.us_east_1" },
    there_too: { provider: "aws.us_east_1" },
  });
  expect(state?.resource.aws_sns_topic?.here).not.toHaveProperty("provider");
});

test("a state that uses no second provider declares none", () => {
  for (const { provider } of Object.values(synthesizedStates(inventory, [someAccount]))) {
    expect(provider.aws).toHaveLength(1);
  }
});
