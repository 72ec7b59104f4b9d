import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { dev } from "../../../environments/dev";
import { prod } from "../../../environments/prod";
import { platform as inventory } from "../../../platforms/inventory/platform";
import type { Platform } from "../../../model/platform";
import { mermaid } from "../../../delivery/graph/mermaid";
import { withChart } from "../../../delivery/graph/marked-block";
import { readGraph, type StateGraph } from "../../../delivery/graph/state-graph";
import { appOf } from "../../support/app";
import { manyServices } from "../../support/platforms";
import { synthesizedApp } from "../../support/synthesized-app";

const folder = mkdtempSync(join(tmpdir(), "graph-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function synthesize(platform: Platform, name: string) {
  const output = join(folder, name);
  appOf(platform, [dev, prod], output).synth();
  return output;
}

const graphOf = (platform: Platform) => readGraph(synthesize(platform, "cdktf.out"), "dev");

test("the README's picture is of the states as they are (npm run graph)", () => {
  const readme = readFileSync("README.md", "utf8");
  expect(withChart(readme, mermaid(graphOf(inventory)))).toBe(readme);
});

test("edges have the outputs that a service reads; all others show only the order", () => {
  const { edges } = graphOf(manyServices);
  const of = (state: string) =>
    edges.filter(({ to }) => to === state).map(({ from, outputs }) => [from, ...outputs]);
  const withoutTables = [["dev-ecr"], ["dev-ecs-cluster"], ["dev-iam"]];
  const alb = ["dev-alb", "security_group_id", "target_group_arns"];
  expect(of("dev-ecs-service")).toEqual([alb, ["dev-dynamodb"], ...withoutTables]);
  expect(of("dev-ecs-service-admin")).toEqual([alb, ...withoutTables]);
  expect(of("dev-ecs-service-worker")).toEqual(withoutTables);
  expect(edges).toHaveLength(12);
});

test("one environment is drawn, and another one's states are not", () => {
  const names = graphOf(inventory).nodes.map(({ name }) => name);
  expect(names).toHaveLength(7);
  expect(names.every((name) => name.startsWith("dev-"))).toBe(true);
  expect(() => readGraph(join(folder, "cdktf.out"), "test")).toThrow(
    'environment is "test", expected one of dev, prod',
  );
});

test("an output that is read and not declared is an error", () => {
  const output = synthesize(inventory, "broken");
  const file = join(output, "stacks", "dev-alb", "cdk.tf.json");
  const config = readFileSync(file, "utf8");
  writeFileSync(file, config.replace('"security_group_id": {', '"security_group": {'));
  expect(() => readGraph(output, "dev")).toThrow(
    "dev-ecs-service reads the output security_group_id of dev-alb, which declares no such output",
  );
});

test("the chart is solid where outputs cross, dashed where the order counts, and leaves details out", () => {
  const graph: StateGraph = {
    nodes: [
      {
        name: "dev-backend",
        keepsStates: true,
        resources: new Map([
          ["aws_s3_bucket", 1],
          ["aws_s3_bucket_versioning", 1],
        ]),
      },
      {
        name: "dev-iam",
        keepsStates: false,
        resources: new Map([
          ["aws_iam_role", 2],
          ["aws_iam_role_policy", 2],
        ]),
      },
      { name: "dev-alb", keepsStates: false, resources: new Map([["aws_lb", 1]]) },
    ],
    edges: [
      { from: "dev-alb", to: "dev-iam", outputs: ["arn", "name"] },
      { from: "dev-iam", to: "dev-alb", outputs: [] },
    ],
  };
  expect(mermaid(graph)).toBe(
    `flowchart LR
  dev-backend["<b>dev-backend</b><br/>s3 bucket"]
  subgraph states[" "]
    direction LR
    dev-iam["<b>dev-iam</b><br/>2 × iam role"]
    dev-alb["<b>dev-alb</b><br/>lb"]
    dev-alb -- "arn<br/>name" --> dev-iam
    dev-iam -.-> dev-alb
  end
  dev-backend -. "keeps their states" .-> states`,
  );
});

describe("npm run graph", () => {
  const file = join(folder, "README.md");
  const graph = (...args: readonly string[]) =>
    promisify(execFile)("node_modules/.bin/tsx", [
      "scripts/graph.ts",
      ...synthesizedApp(folder),
      ...args,
    ]).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      (error: unknown) => {
        const { code, stderr } = error as { code: number; stderr: string };
        return { code, said: stderr };
      },
    );

  test("reports with --check that a picture is stale, updates it, and then accepts it", async () => {
    synthesize(inventory, "cdktf.out");
    const stale = "# Before\n\n<!-- Made by npm run graph -->\n\nold\n\n<!-- /graph -->\n\nAfter\n";
    writeFileSync(file, stale);
    expect(await graph("--check")).toEqual({
      code: 1,
      said: expect.stringContaining(`Next: npm run graph -- --app ${folder}, and commit`) as string,
    });
    expect(readFileSync(file, "utf8")).toBe(stale);

    expect(await graph()).toMatchObject({ code: 0 });
    const drawn = readFileSync(file, "utf8");
    expect(drawn).toMatch(/^# Before\n\n[^]*```mermaid\nflowchart[^]*```[^]*\n\nAfter\n$/);
    expect(drawn).not.toContain("old");
    expect(await graph("--check")).toMatchObject({ code: 0 });
  }, 30_000);

  test("says that there is no place for it", async () => {
    writeFileSync(file, "nothing");
    expect(await graph()).toEqual({
      code: 1,
      said: expect.stringContaining("there is no place for the picture") as string,
    });
  }, 30_000);
});
