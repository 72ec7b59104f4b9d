import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { FargateTaskDefinition } from "../../constructs/compute/fargate-task-definition";
import { childEnv } from "../../local/child-env";
import { textProblems } from "../../model/text";
import { synthesized } from "../support/synthesized";

const texts = [
  'say "hello"',
  "back\\slash \\n \\",
  "CR LF\r\nand a tab\t",
  "%{if true}x%{endif}",
  "%%{ %",
  "${var.secret}",
  "$${x} $ {",
  '{"json": ["\\"quoted\\"", null]}',
  "C:\\Program Files\\app",
  'wget -qO- "http://localhost:8080/health" || exit 1',
  "\u001b[1m\u0001\u007f\u2028\ufeff",
  "<&> Zürich 東京 👩‍🚀",
  "",
];

const generated = fc.sample(
  fc
    .oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom('"', "\\", "$", "%", "{", "}", "\r", "\n", "\t", "~", "x"),
      }),
    )
    .filter((text) => [...textProblems("text", text)].length === 0),
  { numRuns: 2000, seed: 10 },
);

interface Container {
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly healthCheck: { readonly command: readonly string[] };
}

/** The container of a task definition with these texts, as Terraform evaluates it. */
function evaluated(values: readonly string[]): Container {
  const { container_definitions } = synthesized((scope) => {
    new FargateTaskDefinition(scope, "task", {
      family: "shop-dev",
      containerName: "shop",
      image: "registry/shop:1",
      containerPort: 8080,
      size: { cpu: 256, memoryMiB: 512 },
      cpuArchitecture: "ARM64",
      executionRoleArn: "arn:execution",
      taskRoleArn: "arn:task",
      logGroupName: "/ecs/shop-dev",
      region: "eu-west-1",
      user: "65532:65532",
      containerHealthCheck: ["CMD", ...values],
      environment: Object.fromEntries(values.map((value, i) => [`TEXT_${i}`, value])),
    });
  }).one("aws_ecs_task_definition");
  const folder = mkdtempSync(join(tmpdir(), "strings-"));
  try {
    const output = { containers: { value: container_definitions } };
    writeFileSync(join(folder, "main.tf.json"), JSON.stringify({ output }));
    const terraform = (...args: string[]) =>
      execFileSync("terraform", args, {
        cwd: folder,
        encoding: "utf8",
        env: childEnv({ CHECKPOINT_DISABLE: "1" }),
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 64 * 1024 * 1024,
      });
    terraform("init", "-input=false");
    terraform("apply", "-input=false", "-auto-approve");
    const [container] = JSON.parse(terraform("output", "-raw", "containers")) as [Container];
    return container;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const textsOf = ({ environment }: Container) =>
  environment.filter(({ name }) => name !== "PORT").map(({ value }) => value);

test("every text that the model accepts reaches AWS as it is", () => {
  const values = [...texts, ...generated];
  const container = evaluated(values);
  expect(textsOf(container)).toEqual(values);
  expect(container.healthCheck.command).toEqual(["CMD", ...values]);
}, 120_000);

test("Terraform changes the texts that the model refuses", () => {
  const text = "e\u0301";
  expect([...textProblems("text", text)]).toHaveLength(1);
  expect(textsOf(evaluated([text]))).toEqual(["\u00e9"]);
}, 120_000);
