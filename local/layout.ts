import { join } from "node:path";

/** Where a local platform keeps its files, all under one folder. */
export const layoutOf = (directory: string) => ({
  /** Stays from run to run: moto's virtual environment, Terraform's configuration and cache. */
  tools: join(directory, "tools"),
  /** Begun anew at each start, as is all that stands below. */
  run: join(directory, "run"),
  running: join(directory, "run", "running.json"),
  /** Shell commands that point the AWS CLI and Terraform at the local AWS. */
  awsVariables: join(directory, "run", "aws.sh"),
  states: join(directory, "run", "cdktf.out"),
  images: join(directory, "run", "images"),
  logs: join(directory, "run", "logs"),
});

export type Layout = ReturnType<typeof layoutOf>;
