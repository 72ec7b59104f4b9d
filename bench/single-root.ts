import { readConfig } from "../delivery/synthesized/config";

type Blocks = Record<string, Record<string, Record<string, unknown>>>;

interface Root {
  readonly terraform: { readonly backend: { readonly s3: Readonly<Record<string, unknown>> } };
  readonly provider: unknown;
  readonly variable: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly data?: Blocks;
  readonly resource: Blocks;
}

/**
 * Combines the same resources into one Terraform root, as someone would write it without splitting
 * states. Values that states read from one another become plain references.
 *
 * @param backendNames a new prefix for the names of a backend's resources. @default - the names
 * stay
 */
export function singleRoot(directories: readonly string[], backendNames?: string) {
  const roots = directories.map((directory) => {
    const root = readConfig(directory) as unknown as Root;
    if (backendNames === undefined) return root;
    const renamed = JSON.stringify(root).replaceAll("inventory-local-terraform", backendNames);
    return { ...(JSON.parse(renamed) as Root), terraform: root.terraform };
  });
  const [first] = roots;
  if (!first) throw new Error("no states");
  const outputs = Object.assign({}, ...roots.map(({ output = {} }) => output)) as NonNullable<
    Root["output"]
  >;
  const data = merge(roots.map((root) => root.data ?? {}));
  delete data.terraform_remote_state;
  const merged = {
    terraform: {
      ...first.terraform,
      backend: { s3: { ...first.terraform.backend.s3, key: "single-root/terraform.tfstate" } },
    },
    provider: first.provider,
    variable: Object.assign({}, ...roots.map(({ variable }) => variable)) as object,
    data,
    resource: merge(roots.map(({ resource }) => resource)),
  };
  return JSON.stringify(merged).replace(
    /data\.terraform_remote_state\.\w+\.outputs\.(\w+)(?:\.(\w+))?/g,
    (_, name: string, key?: string) => {
      const value = outputs[name]?.value;
      const expression = key === undefined ? value : (value as Record<string, string>)[key];
      return (expression as string).replace(/^\$\{(.*)\}$/, "$1");
    },
  );
}

function merge(all: readonly Blocks[]) {
  const merged: Blocks = {};
  for (const blocks of all) {
    for (const [type, byName] of Object.entries(blocks)) {
      for (const [name, block] of Object.entries(byName)) {
        if (merged[type]?.[name]) throw new Error(`${type}.${name} is in two states`);
        (merged[type] ??= {})[name] = block;
      }
    }
  }
  return merged;
}
