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
  /** @default - the endpoint and credentials that the SDK finds by itself */
  readonly client?: ClientConfig;
  /** Called with each step when it begins. */
  readonly onStep: (step: string) => void;
}

const LOCAL_STATE = "bootstrap.tfstate";

/** With these files, the folder uses a local state until the bucket exists. */
const LOCAL_BACKEND_FILE = "backend_override.tf.json";
const IMPORTS_FILE = "bootstrap_imports.tf.json";

/**
 * Creates the bucket that keeps an environment's states and the table that locks them, and moves their own state
 * into the bucket. Resources that exist already are kept, so a run that was cut off at any point can be repeated.
 *
 * @throws before anything is changed, when the account is a placeholder or not the account of the credentials
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
    // Nobody else can use this state yet, and a lock would remain if this run were killed.
    await terraform.init("-migrate-state", "-force-copy", "-lock=false");
  }

  onStep("Checking the backend against its own state");
  useBucket(directory);
  await terraform.init("-reconfigure");
  // When the lock table was lost, neither this run nor any other can lock the state.
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
 * Returns import blocks for the resources that an earlier run created and may not have written to its state. The
 * creation of any of these would fail, or make a second one. Terraform ignores an import block for a resource that
 * is already in its state.
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

/** Returns the state's resources by type. The state has at most one resource of each type that is used here. */
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
