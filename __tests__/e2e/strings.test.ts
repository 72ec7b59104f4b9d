import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Fn, LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import fc from "fast-check";
import { unchanged } from "../../constructs/unchanged";
import { childEnvironment } from "../../local/child-environment";
import { textProblem } from "../../model/text";

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
    .filter((text) => textProblem(text) === undefined),
  { numRuns: 2000, seed: 10 },
);

/** Synthesizes these texts as a task definition does, and has Terraform evaluate them. */
function evaluated(values: readonly string[]): string[] {
  const outdir = mkdtempSync(join(tmpdir(), "strings-"));
  try {
    const app = new App({ outdir });
    const stack = new TerraformStack(app, "texts");
    new LocalBackend(stack, { path: join(outdir, "terraform.tfstate") });
    new TerraformOutput(stack, "texts", {
      value: Fn.jsonencode(values.map((value) => ({ value: unchanged(value) }))),
      staticId: true,
    });
    app.synth();
    const terraform = (...args: string[]) =>
      execFileSync("terraform", args, {
        cwd: join(outdir, "stacks", "texts"),
        encoding: "utf8",
        env: childEnvironment({ CHECKPOINT_DISABLE: "1" }),
        stdio: ["ignore", "pipe", "pipe"],
        maxBuffer: 64 * 1024 * 1024,
      });
    terraform("init", "-input=false");
    terraform("apply", "-input=false", "-auto-approve");
    const text = terraform("output", "-raw", "texts");
    return (JSON.parse(text) as { value: string }[]).map(({ value }) => value);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

test("every text of the model reaches AWS as it is", () => {
  expect(evaluated([...texts, ...generated])).toEqual([...texts, ...generated]);
}, 120_000);

test("Terraform changes the texts that the model refuses", () => {
  const text = "e\u0301";
  expect(textProblem(text)).toMatch(/normalization form C/);
  expect(evaluated([text])).toEqual(["\u00e9"]);
}, 120_000);
