import { oneOf } from "./name";
import type { Problem } from "./problem";
import { variableNameProblems } from "./variable-name";

/**
 * A call from one service of the platform to another. The caller's tasks may connect to the called service's
 * container port, and find its healthy tasks by its name in private DNS.
 */
export interface Connection {
  /** Name of the called service. */
  readonly service: string;
  /**
   * The environment variable of the calling container with the URL of the called service:
   * `http://<service>.<platform>-<environment>.local:<containerPort>`.
   */
  readonly variable: string;
}

interface Caller {
  readonly name: string;
  readonly connections?: readonly Connection[];
}

/** Whether another service of the platform calls this one. */
export const isCalled = ({ name }: Caller, services: readonly Caller[]) =>
  services.some(({ connections = [] }) => connections.some(({ service }) => service === name));

/** Finds connections to services that do not exist, and services that call each other in a circle. */
export function* connectionProblems(services: readonly Caller[]): Iterable<Problem> {
  for (const { name, connections = [] } of services) {
    const field = `services.${name}.connections`;
    const others = services.filter((other) => other.name !== name);
    for (const [index, { service, variable }] of connections.entries()) {
      yield* variableNameProblems(`${field}.${service}.variable`, variable);
      if (!others.some((other) => other.name === service)) {
        const allowed =
          others.length > 0 ? oneOf(others) : "none, as the platform has no other service";
        yield { field: `${field}.service`, value: service, allowed };
      } else if (connections.findIndex((other) => other.service === service) < index) {
        yield { field: `${field}.service`, value: service, allowed: "each service once" };
      }
    }
    const circle = circleThrough(name, services);
    if (circle) {
      yield {
        field,
        value: circle,
        // The state of a caller reads the security group of the service that it calls.
        allowed: "no circle, because a service is deployed before the services that call it",
      };
    }
  }
}

/** A way from a service back to itself along the connections, such as `["a", "b", "a"]`. */
function circleThrough(name: string, services: readonly Caller[]): string[] | undefined {
  const calledBy = (caller: string) =>
    services.find((service) => service.name === caller)?.connections ?? [];
  const seen = new Set<string>();
  const ways = [[name]];
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const { service } of calledBy(way.at(-1) ?? "")) {
      if (service === name && way.length > 1) return [...way, service];
      if (seen.has(service)) continue;
      seen.add(service);
      ways.push([...way, service]);
    }
  }
  return undefined;
}
