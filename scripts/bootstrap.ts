/**
 * `npm run bootstrap -- <environment>`: makes the environment's state bucket and lock table, from
 * what has just been synthesized.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bootstrapBackend } from "../delivery/backend/bootstrap-backend";
import { prepareTerraform } from "../delivery/terraform/prepare";
import { Terraform } from "../delivery/terraform/terraform";

const STACKS = join("cdktf.out", "stacks");

async function main([environment, ...rest]: readonly string[]) {
  const directory = join(STACKS, `${environment ?? ""}-backend`);
  if (!environment || rest.length > 0 || !existsSync(directory)) {
    const known = readdirSync(STACKS)
      .filter((stack) => stack.endsWith("-backend"))
      .map((stack) => stack.replace("-backend", ""));
    throw new Error(
      `environment is "${environment ?? ""}", expected one of ${known.join(", ")}: npm run bootstrap -- <environment>`,
    );
  }
  await prepareTerraform();
  // Terraform stops in good order on Ctrl-C; wait for it.
  process.on("SIGINT", () => undefined);
  await bootstrapBackend({
    directory,
    terraform: new Terraform({
      directory,
      onLine: (line) => {
        console.log(`  ${line}`);
      },
    }),
    onStep: (step) => {
      console.log(step);
    },
  });
  console.log(
    `The backend of ${environment} stands. Deploy its states next: npx cdktf deploy ${environment}-ecr`,
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
