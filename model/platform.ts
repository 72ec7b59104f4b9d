import { type FargateSize, fargateSizeProblem } from "./fargate-size";
import { type Image, imageProblems } from "./image";
import { mismatch, outside, type Problem, refuse } from "./problem";
import type { TableIndex } from "./table-index";
import { textProblems } from "./text";
import { type TimeToLive, timeToLiveProblems } from "./time-to-live";

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

/** One container, behind the load balancer or not. */
export interface Service {
  /**
   * Unique in the platform. The service that bears the platform's own name is its main one: its
   * state is `ecs-service` and its names end there; another's are followed by its name.
   */
  readonly name: string;
  readonly image: Image;
  readonly containerPort: number;
  readonly cpuArchitecture: "ARM64" | "X86_64";
  /**
   * Whether requests need an access token. `bearer`: the container verifies JSON Web Tokens of the
   * environment's `tokenIssuer`, of which it is told in `AUTH_ISSUER`, `AUTH_AUDIENCE` and `AUTH_KEYS` or
   * `AUTH_KEYS_URL`.
   */
  readonly auth: "none" | "bearer";
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
  /** What it can be queried by besides. @default - its partition key alone */
  readonly indexes?: readonly TableIndex[];
  /** @default - rows stay */
  readonly timeToLive?: TimeToLive;
  /** Who may do what with it. */
  readonly access: readonly TableAccess[];
}

export interface TableAccess {
  /** Name of a service of the platform. */
  readonly service: string;
  /** DynamoDB actions without their prefix, such as `GetItem`: no others are allowed. */
  readonly actions: readonly string[];
  /** What it may do with the table's indexes, each a resource of its own. @default - nothing */
  readonly indexes?: readonly { readonly name: string; readonly actions: readonly string[] }[];
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
  refuse(platform.file, problemsOf(platform));
  return platform;
}

const NAME = /^(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const NOT_INTERNAL =
  "a name that does not begin with internal-, which AWS refuses for load balancers";
const NAME_RULE = "2 to 20 lower-case letters, digits and single hyphens, a letter first";

function* problemsOf(platform: Platform) {
  const { name, services, tables } = platform;
  yield* mismatch("name", name, NAME, NAME_RULE);
  yield* mismatch("name", name, /^(?!internal-)/, NOT_INTERNAL);
  yield* namesIn("services", services);
  yield* namesIn("tables", tables);
  yield* routeProblems(services);
  for (const service of services) {
    const size = service.size && fargateSizeProblem(service.size);
    if (size) yield { ...size, field: `services.${service.name}.size.${size.field}` };
    yield* imageProblems(`services.${service.name}.image`, service.image);
    yield* containerProblems(service);
    yield* variableProblems(platform, service);
  }
  for (const table of tables) {
    yield* mismatch("tables.name", table.name, NOT_LOCK_TABLE, NOT_LOCK_TABLE_RULE);
    yield* namesIn(`tables.${table.name}.indexes`, table.indexes ?? []);
    if (table.timeToLive) {
      yield* timeToLiveProblems(`tables.${table.name}.timeToLive`, table.timeToLive);
    }
    yield* keyTypeProblems(table);
    yield* accessProblems(table, services);
  }
}

// The lock table is called `<platform>-<environment>-terraform-locks`.
const NOT_LOCK_TABLE = /^(?!terraform-locks$)/;
const NOT_LOCK_TABLE_RULE = "another name, because the lock table has this one";

function* namesIn(field: string, things: readonly { readonly name: string }[]) {
  for (const [i, { name }] of things.entries()) {
    yield* mismatch(`${field}.name`, name, NAME, NAME_RULE);
    if (things.findIndex((other) => other.name === name) < i) {
      yield { field: `${field}.name`, value: name, allowed: "a name that no other has" };
    }
  }
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
const PATH_PATTERN = /^[A-Za-z0-9_.$/~"'@:+&*?-]{1,128}$/;
const PATH_PATTERN_RULE =
  "a pattern such as /items* of 1 to 128 letters, digits and the characters / * ? _ - . $ ~ \" ' @ : + &";
const HEALTH_CHECK_PATH = /^\/[A-Za-z0-9_.~!$&'()*+,;=:@%/?-]{0,1023}$/;

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
    const field = `services.${name}.route`;
    yield* outside(`${field}.priority`, route.priority, 1, 50_000);
    yield* mismatch(
      `${field}.healthCheckPath`,
      route.healthCheckPath,
      HEALTH_CHECK_PATH,
      "a path such as /health, with what a URL may contain",
    );
    for (const path of route.paths) {
      yield* mismatch(`${field}.paths`, path, PATH_PATTERN, PATH_PATTERN_RULE);
    }
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

function* containerProblems(service: Service): Iterable<Problem> {
  const { containerPort, containerHealthCheck, user, environment = {} } = service;
  const of = `services.${service.name}`;
  // Binding a lower port takes a capability, and the containers drop them all.
  yield* outside(`${of}.containerPort`, containerPort, 1024, 65_535);
  yield* mismatch(`${of}.user`, user, /^\d+:\d+$/, "<user>:<group>, both numbers");
  const [form = "", ...command] = containerHealthCheck;
  if (!["CMD", "CMD-SHELL"].includes(form) || command.length === 0) {
    yield {
      field: `${of}.containerHealthCheck`,
      value: containerHealthCheck,
      allowed: 'a command that begins with "CMD" or "CMD-SHELL"',
    };
  }
  for (const text of containerHealthCheck) {
    yield* textProblems(`${of}.containerHealthCheck`, text);
  }
  for (const [variable, text] of Object.entries(environment)) {
    yield* mismatch(`${of}.environment`, variable, VARIABLE, VARIABLE_RULE);
    yield* textProblems(`${of}.environment.${variable}`, text);
  }
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const VARIABLE_RULE = "letters, digits and underscores, no digit first";

/** An attribute that is a key has one type, whatever it is the key of. */
function* keyTypeProblems({ name, partitionKey, indexes = [] }: Table) {
  const types = new Map([[partitionKey, "S"]]);
  for (const index of indexes) {
    for (const key of ["partitionKey", "sortKey"] as const) {
      const attribute = index[key];
      const type = types.get(attribute.name) ?? attribute.type;
      types.set(attribute.name, type);
      if (type === attribute.type) continue;
      yield {
        field: `tables.${name}.indexes.${index.name}.${key}.type`,
        value: attribute.type,
        allowed: `"${type}", which ${attribute.name} is already`,
      };
    }
  }
}

function* actionProblems(field: string, actions: readonly string[]) {
  if (actions.length === 0 || !actions.every((action) => /^[A-Z][A-Za-z]+$/.test(action))) {
    yield { field, value: actions, allowed: "one DynamoDB action or more, such as GetItem" };
  }
}

function* accessProblems({ name, indexes = [], access }: Table, services: readonly Service[]) {
  for (const { service, actions, indexes: used = [], variable } of access) {
    yield* actionProblems(`tables.${name}.access.actions`, actions);
    for (const index of used) {
      yield* actionProblems(`tables.${name}.access.indexes.actions`, index.actions);
    }
    yield* mismatch(`tables.${name}.access.variable`, variable, VARIABLE, VARIABLE_RULE);
    if (!services.some((each) => each.name === service)) {
      yield { field: `tables.${name}.access.service`, value: service, allowed: oneOf(services) };
    }
    for (const index of used) {
      if (indexes.some((each) => each.name === index.name)) continue;
      yield {
        field: `tables.${name}.access.indexes.name`,
        value: index.name,
        allowed: indexes.length > 0 ? oneOf(indexes) : "none, as the table has no index",
      };
    }
  }
}

const oneOf = (things: readonly { readonly name: string }[]) =>
  `one of ${things.map(({ name }) => name).join(", ")}`;

/** Of two variables with one name, the container would be told only one. */
function* variableProblems(platform: Platform, service: Service) {
  // What the container is told by the platform itself.
  const taken = new Set([
    "PORT",
    "AUTH",
    "AUTH_ISSUER",
    "AUTH_AUDIENCE",
    "AUTH_KEYS",
    "AUTH_KEYS_URL",
  ]);
  const variables = [
    ...Object.keys(service.environment ?? {}).map((variable) => ({
      field: `services.${service.name}.environment`,
      variable,
    })),
    ...tablesOf(platform, service).map(({ table, access }) => ({
      field: `tables.${table.name}.access.variable`,
      variable: access.variable,
    })),
  ];
  for (const { field, variable } of variables) {
    if (taken.has(variable)) {
      yield {
        field,
        value: variable,
        allowed: `a variable that ${service.name} does not have yet`,
      };
    }
    taken.add(variable);
  }
}
