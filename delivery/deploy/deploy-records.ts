import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { StateObjects } from "../backend/state-objects";
import type { Images } from "../images/service-images";
import { imageVariable } from "../plan/plan-environment";
import { PLAN_FILE } from "../plan/plan-state";
import type { Report } from "../report/report";
import { producersOf, readBackend, readConfig } from "../synthesized/config";
import type { State } from "../synthesized/states";

/** Describes what a state was deployed from. It holds only digests and version ids, so nothing in it is secret. */
interface DeployRecord {
  /** SHA-256 of the files in the state's folder. */
  readonly files: string;
  /** SHA-256 of the values that the environment gives to the state's variables. */
  readonly variables: string;
  /** The versions of the state's own object and of each state whose outputs it reads, by key. */
  readonly versions: Readonly<Record<string, string | undefined>>;
}

/**
 * The records of what each state was last deployed from. They are stored beside the states in the bucket. A deploy
 * does not plan a state that would be deployed from the same files, variables and versions again.
 *
 * @see docs/decisions/0026-a-deploy-plans-what-has-changed.md
 */
export class DeployRecords {
  /** The records of an environment's states. */
  static of(states: readonly State[], images: Images) {
    const [first] = states;
    if (!first) throw new Error("no states to deploy");
    return new DeployRecords(new StateObjects(readBackend(first.directory)), images);
  }

  private readonly noted = new Map<string, DeployRecord>();

  /**
   * @param bucket the bucket of the environment's states
   * @param images the image that each service is to run
   * @param env the `env` of Terraform's processes, without the images
   */
  constructor(
    private readonly bucket: Pick<StateObjects, "read" | "version" | "write">,
    private readonly images: Images,
    private readonly env = process.env,
  ) {}

  /**
   * Notes what a state is deployed from now. It is called before the state is planned, so that a change during
   * the plan counts as a change in the next deploy.
   */
  async note(state: State) {
    const keys = [readBackend(state.directory).key, ...producersOf(state).map(({ key }) => key)];
    const versions = keys.map(async (key) => [key, await this.bucket.version(key)] as const);
    this.noted.set(state.name, {
      files: digestOfFiles(state.directory),
      variables: digestOfVariables(state, {
        ...this.env,
        ...imageVariable(state, this.images),
      }),
      versions: Object.fromEntries(await Promise.all(versions)),
    });
  }

  /** Notes states. Returns the names of those in which nothing has changed since their last deploy. */
  async unchanged(states: readonly State[]): Promise<ReadonlySet<string>> {
    const names = states.map(async (state) => {
      const [last] = await Promise.all([this.lastOf(state), this.note(state)]);
      return isDeepStrictEqual(last, this.noted.get(state.name)) ? [state.name] : [];
    });
    return new Set((await Promise.all(names)).flat());
  }

  /** Writes the noted records of the states whose plan has no changes. */
  async keepPlanned(states: readonly State[], { states: reports }: Pick<Report, "states">) {
    const unchanged = reports.filter(({ outcome }) => outcome === "no changes");
    const names = unchanged.map(({ state }) => state);
    const kept = states.filter(({ name }) => names.includes(name));
    await Promise.all(kept.map((state) => this.keep(state, () => this.recordOf(state))));
  }

  /**
   * Voids the record of a state before it is applied. An apply that is killed may have made changes that are not
   * in the state's object, and then the next deploy must plan the state even with the earlier image.
   */
  async forget(state: State) {
    await this.bucket.write(keyOf(state), "{}");
  }

  /** Writes the noted record of an applied state, with the version that the apply has written. */
  async keepApplied(state: State) {
    const { key } = readBackend(state.directory);
    await this.keep(state, async () => {
      const { versions, ...record } = this.recordOf(state);
      return { ...record, versions: { ...versions, [key]: await this.bucket.version(key) } };
    });
  }

  /** A record that cannot be written only means that the next deploy plans the state. */
  private async keep(state: State, record: () => DeployRecord | Promise<DeployRecord>) {
    try {
      await this.bucket.write(keyOf(state), JSON.stringify(await record()));
    } catch (error) {
      console.error(
        `The next deploy plans ${state.name} again, because its record could not be written: ${(error as Error).message}`,
      );
    }
  }

  private recordOf({ name }: State) {
    const record = this.noted.get(name);
    if (!record) throw new Error(`${name} was planned before it was noted`);
    return record;
  }

  /** A record that is missing, damaged or unreadable only means that the state is planned. */
  private async lastOf(state: State): Promise<unknown> {
    try {
      return JSON.parse((await this.bucket.read(keyOf(state))) ?? "");
    } catch {
      return undefined;
    }
  }
}

/** The record is stored beside the state's own object, because the roles that write the state may write there. */
const keyOf = ({ directory }: State) => `${dirname(readBackend(directory).key)}/deployed.json`;

/** The digest of all files in the folder. Terraform also reads files that somebody added after the synth. */
function digestOfFiles(directory: string) {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.split(sep)[0] !== ".terraform" && name !== PLAN_FILE)
    .filter((name) => statSync(join(directory, name)).isFile())
    .sort();
  return digest(names.map((name) => [name, digest(readFileSync(join(directory, name)))]));
}

/** The digest of the variables that the state declares, because Terraform ignores the others. */
function digestOfVariables({ directory }: State, env: NodeJS.ProcessEnv) {
  const names = Object.keys(readConfig(directory).variable ?? {}).sort();
  return digest(names.map((name) => [name, env[`TF_VAR_${name}`]]));
}

const digest = (content: Buffer | readonly unknown[]) =>
  createHash("sha256")
    .update(Buffer.isBuffer(content) ? content : JSON.stringify(content))
    .digest("hex");
