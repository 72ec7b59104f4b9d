import type { Rule, RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import { BlockList, isIPv6 } from "node:net";

/** The parts of a request that rules evaluate. */
interface RoutedRequest {
  readonly method: string;
  /** The path and query of the request line. */
  readonly url: string;
  /** The headers by lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly sourceIp: string;
}

/** The rules in the order of evaluation: by priority, with the default last. */
function byPriority(rules: Rule[]): Rule[] {
  const priority = (rule: Rule) => (rule.IsDefault ? Infinity : Number(rule.Priority));
  return rules.toSorted((a, b) => priority(a) - priority(b));
}

/** The first rule whose conditions are all met. */
export function matchingRule(rules: Rule[], request: RoutedRequest): Rule | undefined {
  return byPriority(rules).find((rule) =>
    (rule.Conditions ?? []).every((condition) => conditionHolds(condition, request)),
  );
}

function conditionHolds(condition: RuleCondition, request: RoutedRequest): boolean {
  switch (condition.Field) {
    case "path-pattern": {
      const path = request.url.split("?")[0] ?? "";
      return patterns(condition.PathPatternConfig, condition).some((p) => like(p).test(path));
    }
    case "host-header": {
      const host = headerValues(request, "host")[0]?.replace(/:\d+$/, "") ?? "";
      return patterns(condition.HostHeaderConfig, condition).some((p) => like(p, "i").test(host));
    }
    case "http-request-method":
      return patterns(condition.HttpRequestMethodConfig).includes(request.method);
    case "http-header": {
      const values = headerValues(request, condition.HttpHeaderConfig?.HttpHeaderName ?? "");
      return patterns(condition.HttpHeaderConfig).some((pattern) =>
        values.some((value) => like(pattern, "i").test(value)),
      );
    }
    case "query-string":
      return queryStringHolds(condition, request.url);
    case "source-ip":
      return patterns(condition.SourceIpConfig).some((cidr) => isWithin(cidr, request.sourceIp));
    default:
      return false;
  }
}

/** The API also accepts an older form of path and host conditions. */
function patterns(config: { Values?: string[] } | undefined, older?: RuleCondition): string[] {
  return config?.Values ?? older?.Values ?? [];
}

function headerValues({ headers }: RoutedRequest, name: string): string[] {
  return [headers[name.toLowerCase()] ?? []].flat();
}

function queryStringHolds(condition: RuleCondition, url: string): boolean {
  const parameters = [...new URLSearchParams(url.split("?")[1])];
  return (condition.QueryStringConfig?.Values ?? []).some((wanted) =>
    parameters.some(
      ([key, value]) =>
        (!wanted.Key || like(wanted.Key, "i").test(key)) &&
        like(wanted.Value ?? "", "i").test(value),
    ),
  );
}

/** ALB's wildcards: `*` matches any text, `?` one character. */
function like(pattern: string, flags = ""): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, flags);
}

function isWithin(cidr: string, address: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  const range = new BlockList();
  range.addSubnet(network, Number(prefix), family);
  return range.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** Picks a target group at random by the groups' weights. `random` is in [0, 1). */
export function pickTargetGroup(
  groups: readonly { readonly TargetGroupArn?: string; readonly Weight?: number }[],
  random: number,
): string | undefined {
  const total = groups.reduce((sum, { Weight = 1 }) => sum + Weight, 0);
  let left = random * total;
  return groups.find(({ Weight = 1 }) => (left -= Weight) < 0)?.TargetGroupArn;
}
