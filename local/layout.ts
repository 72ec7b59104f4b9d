import { join } from "node:path";

/** The paths of a local platform's files, which are all under one folder. */
export const layoutOf = (directory: string) => ({
  /** Moto's virtual environment, and Terraform's configuration and cache. They are kept between runs. */
  tools: join(directory, "tools"),
  /** Emptied at each start. It contains all of the paths below. */
  run: join(directory, "run"),
  running: join(directory, "run", "running.json"),
  /** Shell commands that configure the AWS CLI and Terraform for the local AWS. */
  awsVariables: join(directory, "run", "aws.sh"),
  /** The AWS provider, which the folders of all states link to. */
  provider: join(directory, "run", "provider"),
  states: join(directory, "run", "cdktf.out"),
  images: join(directory, "run", "images"),
  logs: join(directory, "run", "logs"),
});

export type Layout = ReturnType<typeof layoutOf>;
