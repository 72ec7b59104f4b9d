import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { arch, homedir, platform } from "node:os";
import { delimiter, join } from "node:path";
import { writePrivateFile } from "../private-files";
import { lockedVersion } from "./lock-file";

export interface ProviderSourceOptions {
  /** The folder for the CLI configuration and for the cache of the provider. */
  readonly directory: string;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Folders that may be a mirror, or whose subfolders may be one. */
  readonly softwareRoots?: readonly string[];
}

const SOFTWARE_ROOTS = ["/opt", "/usr/local", "/usr/local/share", "/usr/share", "/srv", "/var/lib"];

/**
 * The environment variables that tell Terraform where to find the AWS provider. The user's own CLI configuration
 * decides if it has a `provider_installation`. Otherwise Terraform uses a filesystem mirror on this machine, or the
 * registry when there is none.
 *
 * A mirror is a folder that holds `registry.terraform.io/hashicorp/aws`. It is searched for in `TF_PLUGIN_MIRROR`, in
 * the directories that Terraform itself searches, in the usual software roots, and one level below these.
 */
export function providerSource({
  directory,
  env = process.env,
  softwareRoots = SOFTWARE_ROOTS,
}: ProviderSourceOptions): Record<string, string> {
  const own = ownConfiguration(env);
  if (own.includes("provider_installation")) return {};
  const mirror = [...mirrorCandidates(env, softwareRoots)].find(holdsProvider);
  const cache = join(directory, "plugin-cache");
  mkdirSync(cache, { recursive: true });
  const file = join(directory, "terraform.tfrc");
  // The user's configuration is kept, because it may contain credentials for a registry.
  writePrivateFile(file, [own, mirror && installFrom(mirror)].filter(Boolean).join("\n"));
  return {
    TF_CLI_CONFIG_FILE: file,
    // All states share one copy of the provider when it has to be downloaded.
    ...(mirror === undefined && env.TF_PLUGIN_CACHE_DIR === undefined
      ? { TF_PLUGIN_CACHE_DIR: cache }
      : {}),
  };
}

/** The user's CLI configuration, or "" without one. TF_CLI_CONFIG_FILE may name a missing file. */
function ownConfiguration({ TF_CLI_CONFIG_FILE }: NodeJS.ProcessEnv) {
  const file = TF_CLI_CONFIG_FILE ?? join(homedir(), ".terraformrc");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function* mirrorCandidates(env: NodeJS.ProcessEnv, softwareRoots: readonly string[]) {
  if (env.TF_PLUGIN_MIRROR) yield env.TF_PLUGIN_MIRROR;
  yield* impliedDirectories(env);
  for (const root of softwareRoots) {
    yield root;
    yield* subfolders(root);
  }
}

/** @see https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories */
function* impliedDirectories(env: NodeJS.ProcessEnv) {
  yield join(homedir(), ".terraform.d", "plugins");
  yield join(homedir(), "Library", "Application Support", "io.terraform.CLI", "plugins");
  const dataHome = env.XDG_DATA_HOME ?? join(homedir(), ".local", "share");
  const dataDirectories = env.XDG_DATA_DIRS ?? "/usr/local/share:/usr/share";
  for (const data of [dataHome, ...dataDirectories.split(delimiter)]) {
    yield join(data, "terraform", "plugins");
  }
}

function subfolders(root: string) {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => join(root, name));
  } catch {
    return [];
  }
}

/** Whether a folder has the locked version of the provider for this machine, unpacked or as a zip file. */
function holdsProvider(mirror: string) {
  const provider = join(mirror, "registry.terraform.io", "hashicorp", "aws");
  const target = `${platform()}_${arch() === "x64" ? "amd64" : arch()}`;
  const version = lockedVersion();
  return (
    existsSync(join(provider, version, target)) ||
    existsSync(join(provider, `terraform-provider-aws_${version}_${target}.zip`))
  );
}

const installFrom = (path: string) =>
  `provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(path)}
    include = ["registry.terraform.io/hashicorp/aws"]
  }
  direct {
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }
}
`;
