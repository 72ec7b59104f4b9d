import { type FargateSize, fargateSizeProblem } from "../constructs/fargate-size";

/** What is deployed: services and the tables that they use. */
export interface Platform {
  /** Short, lower case: the first part of every name. */
  readonly name: string;
  readonly services: readonly Service[];
  /** With none there is no `dynamodb` state. */
  readonly tables: readonly Table[];
}

/** One container, behind the load balancer or not. */
export interface Service {
  /**
   * Unique in the platform. The service that bears the platform's own name is its main one: its
   * state is `ecs-service` and its names end there; another's are followed by its name.
   */
  readonly name: string;
  readonly containerPort: number;
  readonly cpuArchitecture: "ARM64" | "X86_64";
  /** How the load balancer reaches it. @default - internal: no target group, no way in */
  readonly route?: Route;
  /** @default - the environment's `taskSize` */
  readonly size?: FargateSize;
  /** Command that tells whether the container lives, as ECS takes it: `["CMD", "program", ...]`. */
  readonly containerHealthCheck: readonly string[];
  /** Numeric user and group that the image runs as. */
  readonly user: string;
  /** Environment variables beside `PORT` and those of the tables. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A rule of the load balancer's listener. */
export interface Route {
  /** Lower comes first; unique in the platform. */
  readonly priority: number;
  /** Path patterns as the load balancer takes them, such as `/items*`. */
  readonly paths: readonly string[];
  /** Path of the target group's health check, such as `/health`. */
  readonly healthCheckPath: string;
}

export interface Table {
  readonly name: string;
  /** Name of the partition key, a string. */
  readonly partitionKey: string;
  /** Who may do what with it. */
  readonly access: readonly TableAccess[];
}

export interface TableAccess {
  /** Name of a service of the platform. */
  readonly service: string;
  /** DynamoDB actions without their prefix, such as `GetItem`: no others are allowed. */
  readonly actions: readonly string[];
  /** The environment variable that tells the container the table's name. */
  readonly variable: string;
}

/** The tables that a service may use, with what it may do there. */
export const tablesOf = ({ tables }: Platform, service: Service) =>
  tables.flatMap((table) =>
    table.access
      .filter((access) => access.service === service.name)
      .map((access) => ({ table, access })),
  );

/**
 * Checks a platform and gives it back.
 *
 * @throws one error that names file, field, value and what is allowed, for all that is wrong.
 */
export function definePlatform(platform: Platform): Platform {
  const problems = [...problemsOf(platform)].map(
    ({ field, value, allowed }) =>
      `platforms/${platform.name}.ts: ${field} is ${JSON.stringify(value)}, expected ${allowed}`,
  );
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return platform;
}

const NAME = /^[a-z][a-z0-9-]{0,18}[a-z0-9]$/;
const NAME_RULE = "2 to 20 lower-case letters, digits and hyphens, a letter first";

function* problemsOf({ name, services, tables }: Platform) {
  if (!NAME.test(name)) yield { field: "name", value: name, allowed: NAME_RULE };
  yield* namesIn("services", services);
  yield* namesIn("tables", tables);
  yield* routeProblems(services);
  for (const service of services) {
    const size = service.size && fargateSizeProblem(service.size);
    if (size) yield { ...size, field: `services.${service.name}.size.${size.field}` };
  }
  for (const table of tables) {
    for (const { service } of table.access) {
      if (services.some((each) => each.name === service)) continue;
      yield {
        field: `tables.${table.name}.access.service`,
        value: service,
        allowed: `one of ${services.map((each) => each.name).join(", ")}`,
      };
    }
  }
}

function* namesIn(field: string, things: readonly { readonly name: string }[]) {
  for (const [i, { name }] of things.entries()) {
    if (!NAME.test(name)) yield { field: `${field}.name`, value: name, allowed: NAME_RULE };
    if (things.findIndex((other) => other.name === name) < i) {
      yield { field: `${field}.name`, value: name, allowed: "a name that no other has" };
    }
  }
}

function* routeProblems(services: readonly Service[]) {
  const taken = new Set<number>();
  for (const { name, route } of services) {
    if (!route) continue;
    if (taken.has(route.priority)) {
      yield {
        field: `services.${name}.route.priority`,
        value: route.priority,
        allowed: "a number that no other route has",
      };
    }
    taken.add(route.priority);
    // The load balancer takes five values in a rule's conditions.
    if (route.paths.length < 1 || route.paths.length > 5) {
      yield {
        field: `services.${name}.route.paths`,
        value: route.paths,
        allowed: "one to five path patterns",
      };
    }
  }
}
