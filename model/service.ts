import type { Connection } from "./connection";
import { type FargateSize, fargateSizeProblem } from "./fargate-size";
import { type Grant, grantProblems } from "./grant";
import { type Image, imageProblems } from "./image";
import { mismatch, outside, type Problem } from "./problem";
import { type Route, routeProblems } from "./route";
import type { Secret } from "./secret";
import type { Table } from "./table";
import { textProblems } from "./text";
import { isSecretValue, type Value, valueProblems } from "./value";
import { variableNameProblems } from "./variable-name";

/**
 * An ECS service whose tasks run one container. With a `route`, it is behind the load balancer. Without one, only the
 * services that have a connection to it can reach it.
 */
export interface Service {
  /**
   * Unique in the platform. A service with the same name as the platform is the main one: its state is
   * `ecs-service`, and its resources are named `<platform>-<environment>`. The state and the resource names of
   * any other service also contain the name of the service.
   */
  readonly name: string;
  readonly image: Image;
  readonly containerPort: number;
  readonly cpuArchitecture: "ARM64" | "X86_64";
  /**
   * Whether requests need an access token. With `bearer`, the container verifies JSON Web Tokens of the
   * environment's `tokenIssuer`. The variables `AUTH_ISSUER`, `AUTH_AUDIENCE` and `AUTH_KEYS` or
   * `AUTH_KEYS_URL` describe that issuer to the container.
   */
  readonly auth: "none" | "bearer";
  /** How the load balancer reaches the service. @default - the load balancer does not reach it */
  readonly route?: Route;
  /** @default - the environment's `taskSize` */
  readonly size?: FargateSize;
  /** The container's health check command in the form that ECS expects: `["CMD", "program", ...]`. */
  readonly containerHealthCheck: readonly string[];
  /** The numeric user and group that the container runs as: `<user>:<group>`. */
  readonly user: string;
  /** Environment variables in addition to `PORT` and those of `auth`, `grants` and `connections`. @default - none */
  readonly environment?: Readonly<Record<string, Value>>;
  /** The resources that the tasks may use. @default - none */
  readonly grants?: readonly Grant[];
  /** The services that the tasks call. @default - none */
  readonly connections?: readonly Connection[];
}

/** The secrets that a service uses, each of them once. */
export const secretNamesOf = ({ environment = {} }: Service) => [
  ...new Set(
    Object.values(environment)
      .filter(isSecretValue)
      .map(({ secret }) => secret),
  ),
];

export function* serviceProblems(
  service: Service,
  {
    tables,
    secrets = [],
  }: { readonly tables: readonly Table[]; readonly secrets?: readonly Secret[] },
): Iterable<Problem> {
  const field = `services.${service.name}`;
  const { image, route, size, grants = [] } = service;
  yield* imageProblems(`${field}.image`, image);
  if (route) yield* routeProblems(`${field}.route`, route);
  const problem = size && fargateSizeProblem(size);
  if (problem) yield { ...problem, field: `${field}.size.${problem.field}` };
  yield* containerProblems(field, service, secrets);
  for (const grant of grants) yield* grantProblems(`${field}.grants`, grant, tables);
  yield* variableProblems(field, service);
}

function* containerProblems(
  field: string,
  service: Service,
  secrets: readonly Secret[],
): Iterable<Problem> {
  const { containerPort, containerHealthCheck, user, environment = {} } = service;
  // A process needs a Linux capability to bind a lower port, and the containers drop all capabilities.
  yield* outside(`${field}.containerPort`, containerPort, 1024, 65_535);
  yield* mismatch(`${field}.user`, user, /^\d+:\d+$/, "<user>:<group>, both numbers");
  const [form = "", ...command] = containerHealthCheck;
  if (!["CMD", "CMD-SHELL"].includes(form) || command.length === 0) {
    yield {
      field: `${field}.containerHealthCheck`,
      value: containerHealthCheck,
      allowed: 'a command that begins with "CMD" or "CMD-SHELL"',
    };
  }
  for (const text of containerHealthCheck) {
    yield* textProblems(`${field}.containerHealthCheck`, text);
  }
  for (const [variable, value] of Object.entries(environment)) {
    yield* variableNameProblems(`${field}.environment`, variable);
    yield* valueProblems(`${field}.environment.${variable}`, value, secrets);
  }
}

/** The environment variables that the platform itself sets. */
const PLATFORM_VARIABLES = [
  "PORT",
  "AUTH",
  "AUTH_ISSUER",
  "AUTH_AUDIENCE",
  "AUTH_KEYS",
  "AUTH_KEYS_URL",
];

/** Finds variables that are set twice. The container would get only one of the two values. */
function* variableProblems(
  of: string,
  { name, environment = {}, grants = [], connections = [] }: Service,
): Iterable<Problem> {
  const taken = new Set(PLATFORM_VARIABLES);
  const variables = [
    ...Object.keys(environment).map((variable) => ({ field: `${of}.environment`, variable })),
    ...grants.map(({ table, variable }) => ({ field: `${of}.grants.${table}.variable`, variable })),
    ...connections.map(({ service, variable }) => ({
      field: `${of}.connections.${service}.variable`,
      variable,
    })),
  ];
  for (const { field, variable } of variables) {
    if (taken.has(variable)) {
      yield { field, value: variable, allowed: `a variable that ${name} does not have yet` };
    }
    taken.add(variable);
  }
}
