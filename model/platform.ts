import { connectionProblems, isCalled } from "./connection";
import { nameProblems, namesIn } from "./name";
import { mismatch, refuse } from "./problem";
import { priorityProblems } from "./route";
import { type Secret, secretProblems } from "./secret";
import { type Service, secretNamesOf, serviceProblems } from "./service";
import { type Table, tableProblems } from "./table";

/** The services that are deployed together, and the tables and secrets that they use. */
export interface Platform {
  /** The file that defines the platform. It passes its `__filename`, so that errors can name it. */
  readonly file: string;
  /** A short name in lower case. Every resource name begins with it. */
  readonly name: string;
  readonly services: readonly Service[];
  /** A platform without tables has no `dynamodb` state. */
  readonly tables: readonly Table[];
  /** A platform without secrets has no `secrets` state. @default - none */
  readonly secrets?: readonly Secret[];
}

/** The tables that a service may use, each with the grant that allows it. */
export const tablesOf = ({ tables }: Platform, { grants = [] }: Service) =>
  grants.flatMap((grant) =>
    tables.filter(({ name }) => name === grant.table).map((table) => ({ table, grant })),
  );

/** The services that other services call. */
export const calledServices = ({ services }: Platform) =>
  services.filter((service) => isCalled(service, services));

/** The secrets that a service uses. */
export const secretsOf = ({ secrets = [] }: Platform, service: Service) => {
  const used = secretNamesOf(service);
  return secrets.filter(({ name }) => used.includes(name));
};

/**
 * Checks a platform and returns it.
 *
 * @throws one error for all problems. For each, it names the file, the field, its value and what is allowed.
 */
export function definePlatform(platform: Platform): Platform {
  refuse(platform.file, problemsOf(platform));
  return platform;
}

const NOT_INTERNAL =
  "a name that does not begin with internal-, which AWS refuses for load balancers";

function* problemsOf({ name, services, tables, secrets = [] }: Platform) {
  yield* nameProblems("name", name);
  yield* mismatch("name", name, /^(?!internal-)/, NOT_INTERNAL);
  yield* namesIn("services", services);
  yield* namesIn("tables", tables);
  yield* namesIn("secrets", secrets);
  yield* priorityProblems(services);
  for (const service of services) yield* serviceProblems(service, { tables, secrets });
  yield* connectionProblems(services);
  for (const table of tables) yield* tableProblems(table);
  for (const secret of secrets) yield* secretProblems(secret);
}
