import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { comparePairs } from "./pairs";

const ROOT = resolve(__dirname, "..");
const MANY_SERVICES = join("bench", "many-services.ts");
const SOURCES = [
  ...["main.ts", "environments", "model", "platforms", "stacks", "constructs"],
  MANY_SERVICES,
];
const ROUNDS = 5;

/**
 * Measures the synth of all stacks against the official template's toolchain, and against only
 * loading the modules.
 */
export async function benchSynth(directory: string) {
  const peer = join(directory, "ts-node");
  writeTemplateProject(peer);
  const oursOf = (...args: readonly string[]) => ({
    name: `tsx, deep imports: ${args.join(" ")}`,
    run: () => runIn(ROOT, "tsx", args),
  });
  const templateOf = (...args: readonly string[]) => ({
    name: `ts-node, package index: ${args.join(" ")}`,
    run: () => runIn(peer, "ts-node", args),
  });
  const ours = oursOf("main.ts");
  const output = join(directory, "cdktf.out");
  await comparePairs(
    "Synth, the official template's toolchain to this project's (at least 8)",
    templateOf("main.ts"),
    ours,
    3,
  );
  await comparePairs(
    "Synth, this project's to only loading the same modules (at most 1.5)",
    ours,
    oursOf("bench/load.ts"),
    ROUNDS,
  );
  await comparePairs(
    "Synth of ten services in nine environments, the template's toolchain to this project's",
    templateOf(MANY_SERVICES, "10", "9"),
    oursOf(MANY_SERVICES, "10", "9"),
    1,
  );
  // When the number of services doubles, a linear time less than doubles, because a part of it is fixed.
  await comparePairs(
    "Synth of twenty services in nine environments to that of ten services (at most 2)",
    oursOf(MANY_SERVICES, "20", "9"),
    oursOf(MANY_SERVICES, "10", "9"),
    ROUNDS,
  );

  function runIn(cwd: string, command: string, args: readonly string[]) {
    return execFileSync(process.execPath, [join(ROOT, "node_modules", ".bin", command), ...args], {
      cwd,
      env: { ...process.env, CDKTF_OUTDIR: output },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
}

/**
 * Writes a project with the same stacks that builds and runs like one of `cdktf init
 * --template=typescript`.
 */
function writeTemplateProject(directory: string) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const source of SOURCES) {
    cpSync(join(ROOT, source), join(directory, source), { recursive: true });
  }
  cpSync(join(ROOT, ".terraform.lock.hcl"), join(directory, ".terraform.lock.hcl"));
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(TEMPLATE_TSCONFIG));
  for (const folder of ["stacks", "constructs"]) {
    const files = readdirSync(join(directory, folder), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ts"))) {
      const path = join(directory, folder, file);
      writeFileSync(path, importFromIndex(readFileSync(path, "utf8")));
    }
  }
}

/**
 * Changes `import { X } from ".../lib/some-thing"` into an import from the package index:
 * `someThing.X`.
 */
function importFromIndex(source: string) {
  return source.replace(
    /import \{ (\w+)(?: as (\w+))? \} from "@cdktf\/provider-aws\/lib\/([\w-]+)";/g,
    (_, exported: string, alias: string | undefined, module: string) => {
      const namespace = module.replace(/-(\w)/g, (__, letter: string) => letter.toUpperCase());
      const name = alias ?? exported;
      return [
        `import { ${namespace} } from "@cdktf/provider-aws";`,
        `const { ${exported}: ${name} } = ${namespace};`,
        `type ${name} = ${namespace}.${exported};`,
      ].join("\n");
    },
  );
}

/** The compiler settings of the template, as far as they matter here. */
const TEMPLATE_TSCONFIG = {
  compilerOptions: {
    alwaysStrict: true,
    declaration: true,
    experimentalDecorators: true,
    inlineSourceMap: true,
    inlineSources: true,
    lib: ["es2023"],
    module: "CommonJS",
    noEmitOnError: true,
    noFallthroughCasesInSwitch: true,
    noImplicitAny: true,
    noImplicitReturns: true,
    noImplicitThis: true,
    resolveJsonModule: true,
    strict: true,
    strictNullChecks: true,
    stripInternal: true,
    target: "ES2018",
  },
};
