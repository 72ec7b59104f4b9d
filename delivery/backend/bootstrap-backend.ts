import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBackend, readConfig } from "../synthesized/config";
import { type ClientConfig, ExistingBackend } from "./existing-backend";
import { refuseWrongAccount } from "../plan/refuse-wrong-account";
import { Terraform } from "../terraform/terraform";

export interface BootstrapOptions {
  /** Folder of the synthesized `<environment>-backend` state. */
  readonly directory: string;
  readonly terraform: Terraform;
  /** @default - AWS and credentials as the SDK finds them */
  readonly client?: ClientConfig;
  /** Told each step as it begins. */
  readonly onStep: (step: string) => void;
}

const LOCAL_STATE = "bootstrap.tfstate";

/** What turns the state's folder to a local state for as long as the bucket is not there. */
const LOCAL_BACKEND_FILE = "backend_override.tf.json";
const IMPORTS_FILE = "bootstrap_imports.tf.json";

/**
 * Makes the bucket and the table that an environment's states are kept and locked in, and moves
 * their own state into them. Whatever stands already is kept, so it can be cut off anywhere and
 * run again.
 *
 * @throws when the account is a placeholder or not the one of the credentials; nothing is changed
 */
export async function bootstrapBackend({ directory, terraform, client, onStep }: BootstrapOptions) {
  const backend = readBackend(directory);
  const existing = new ExistingBackend(backend, client);
  await refuseWrongAccount(directory, existing);

  if (!(await existing.hasState())) {
    onStep("Creating the state bucket and the lock table, with a local state");
    await useLocalState(directory, existing);
    await terraform.init("-reconfigure");
    await terraform.apply();
    onStep("Moving the local state into the bucket");
    useBucket(directory);
    // Nobody else can use this state yet, and a lock would remain when this run is killed.
    await terraform.init("-migrate-state", "-force-copy", "-lock=false");
  }

  onStep("Checking the backend against its own state");
  useBucket(directory);
  await terraform.init("-reconfigure");
  // Of a lock table that was lost no lock can be had; nobody else can get one either.
  const lock = (await existing.hasLockTable()) ? [] : ["-lock=false"];
  if (await terraform.hasChanges()) await terraform.apply(...lock);
  // The local state is removed only now, because the bucket is known to hold all of it.
  for (const file of [LOCAL_STATE, `${LOCAL_STATE}.backup`]) remove(directory, file);
}

async function useLocalState(directory: string, existing: ExistingBackend) {
  write(directory, LOCAL_BACKEND_FILE, {
    terraform: { backend: { local: { path: LOCAL_STATE } } },
  });
  write(directory, IMPORTS_FILE, { import: await importsOf(directory, existing) });
}

function useBucket(directory: string) {
  remove(directory, LOCAL_BACKEND_FILE);
  remove(directory, IMPORTS_FILE);
}

/**
 * Import blocks for what an earlier run made and may not have written down. Only these can
 * fail or be doubled when created again; Terraform passes over what it has in its state.
 */
async function importsOf(directory: string, existing: ExistingBackend) {
  const { aws_kms_key, aws_kms_alias, aws_s3_bucket, aws_dynamodb_table } =
    readResources(directory);
  const keyId = await existing.keyId(aws_kms_key.description);
  const found = [
    keyId && { to: aws_kms_key.address, id: keyId },
    (await existing.hasKeyAlias()) && { to: aws_kms_alias.address, id: aws_kms_alias.name },
    (await existing.hasBucket()) && { to: aws_s3_bucket.address, id: aws_s3_bucket.bucket },
    aws_dynamodb_table &&
      (await existing.hasLockTable()) && {
        to: aws_dynamodb_table.address,
        id: aws_dynamodb_table.name,
      },
  ];
  return found.filter(Boolean);
}

type Resource<Argument extends string> = { readonly address: string } & Readonly<
  Record<Argument, string>
>;

interface BackendResources {
  readonly aws_kms_key: Resource<"description">;
  readonly aws_kms_alias: Resource<"name">;
  readonly aws_s3_bucket: Resource<"bucket">;
  /** @default - states are locked by files in the bucket alone */
  readonly aws_dynamodb_table?: Resource<"name">;
}

/** The state's resources by type, of which it has one each at most. */
function readResources(directory: string) {
  const { resource } = readConfig(directory);
  return Object.fromEntries(
    Object.entries(resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, config]) => [
        type,
        { ...config, address: `${type}.${name}` },
      ]),
    ),
  ) as unknown as BackendResources;
}

const write = (directory: string, file: string, content: object) => {
  writeFileSync(join(directory, file), JSON.stringify(content, null, 2));
};

const remove = (directory: string, file: string) => {
  rmSync(join(directory, file), { force: true });
};
