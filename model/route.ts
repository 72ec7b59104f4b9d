import { mismatch, outside, type Problem } from "./problem";

/** How the load balancer reaches a service: its listener rule and the health check of its target group. */
export interface Route {
  /** Unique in the platform. Of the rules that match a request, the one with the lowest priority applies. */
  readonly priority: number;
  /** Path patterns in the load balancer's syntax, such as `/items*`. */
  readonly paths: readonly string[];
  /** Path of the target group's health check, such as `/health`. */
  readonly healthCheckPath: string;
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
const PATH_PATTERN = /^[A-Za-z0-9_.$/~"'@:+&*?-]{1,128}$/;
const PATH_PATTERN_RULE =
  "a pattern such as /items* of 1 to 128 letters, digits and the characters / * ? _ - . $ ~ \" ' @ : + &";
const HEALTH_CHECK_PATH = /^\/[A-Za-z0-9_.~!$&'()*+,;=:@%/?-]{0,1023}$/;

export function* routeProblems(field: string, route: Route): Iterable<Problem> {
  const { priority, paths, healthCheckPath } = route;
  yield* outside(`${field}.priority`, priority, 1, 50_000);
  yield* mismatch(
    `${field}.healthCheckPath`,
    healthCheckPath,
    HEALTH_CHECK_PATH,
    "a path such as /health, of the characters that a URL may contain",
  );
  for (const path of paths) {
    yield* mismatch(`${field}.paths`, path, PATH_PATTERN, PATH_PATTERN_RULE);
  }
  // The conditions of a listener rule may have at most five values.
  if (paths.length < 1 || paths.length > 5) {
    yield { field: `${field}.paths`, value: paths, allowed: "one to five path patterns" };
  }
}

/** Finds priorities that two services have. The rules of a listener must have different priorities. */
export function* priorityProblems(
  services: readonly { readonly name: string; readonly route?: Route }[],
): Iterable<Problem> {
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
  }
}
