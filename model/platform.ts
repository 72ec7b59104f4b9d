import { nameProblems, namesIn } from "./name";
import { mismatch, refuse } from "./problem";
import { priorityProblems } from "./route";
import { type Service, serviceProblems } from "./service";
import { type Table, tableProblems } from "./table";

/** What is deployed: services and the tables that they use. */
export interface Platform {
  /** The file that defines it, which is `__filename` there: errors name it. */
  readonly file: string;
  /** Short, lower case: the first part of every name. */
  readonly name: string;
  readonly services: readonly Service[];
  /** With none there is no `dynamodb` state. */
  readonly tables: readonly Table[];
}

/** The tables that a service may use, each with what it may do there. */
export const tablesOf = ({ tables }: Platform, { grants = [] }: Service) =>
  grants.flatMap((grant) =>
    tables.filter(({ name }) => name === grant.table).map((table) => ({ table, grant })),
  );

/**
 * Checks a platform and gives it back.
 *
 * @throws one error that names file, field, value and what is allowed, for all that is wrong.
 */
export function definePlatform(platform: Platform): Platform {
  refuse(platform.file, problemsOf(platform));
  return platform;
}

const NOT_INTERNAL =
  "a name that does not begin with internal-, which AWS refuses for load balancers";

function* problemsOf({ name, services, tables }: Platform) {
  yield* nameProblems("name", name);
  yield* mismatch("name", name, /^(?!internal-)/, NOT_INTERNAL);
  yield* namesIn("services", services);
  yield* namesIn("tables", tables);
  yield* priorityProblems(services);
  for (const service of services) yield* serviceProblems(service, tables);
  for (const table of tables) yield* tableProblems(table);
}
