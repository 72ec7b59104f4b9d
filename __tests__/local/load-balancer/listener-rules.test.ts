import type { RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import { matchingRule, pickTargetGroup } from "../../../local/load-balancer/listener-rules";

const request = {
  method: "GET",
  url: "/items/1?color=Red",
  headers: { host: "api.example.com:8080", "user-agent": "curl/8.1" },
  sourceIp: "127.0.0.1",
};

const matches = (condition: RuleCondition) =>
  matchingRule([{ RuleArn: "r", Priority: "1", Conditions: [condition] }], request) !== undefined;

test("rules are tried by priority, as numbers, and the default last", () => {
  const rule = (Priority: string, path: string) => ({
    RuleArn: path,
    Priority,
    IsDefault: Priority === "default",
    Conditions: path ? [{ Field: "path-pattern", Values: [path] }] : [],
  });
  const rules = [rule("default", ""), rule("100", "/items/*"), rule("20", "/items/1")];
  expect(matchingRule(rules, request)?.RuleArn).toBe("/items/1");
  expect(matchingRule(rules, { ...request, url: "/items/2" })?.RuleArn).toBe("/items/*");
  expect(matchingRule(rules, { ...request, url: "/other" })?.IsDefault).toBe(true);
});

test.each<[string, RuleCondition]>([
  ["a path", { Field: "path-pattern", PathPatternConfig: { Values: ["/nothing", "/items/?"] } }],
  ["a host in any case", { Field: "host-header", HostHeaderConfig: { Values: ["*.EXAMPLE.com"] } }],
  ["a method", { Field: "http-request-method", HttpRequestMethodConfig: { Values: ["GET"] } }],
  [
    "a header",
    {
      Field: "http-header",
      HttpHeaderConfig: { HttpHeaderName: "User-Agent", Values: ["curl/*"] },
    },
  ],
  [
    "a query value",
    { Field: "query-string", QueryStringConfig: { Values: [{ Key: "color", Value: "red" }] } },
  ],
  [
    "a query value of any key",
    { Field: "query-string", QueryStringConfig: { Values: [{ Value: "r*" }] } },
  ],
  ["an address", { Field: "source-ip", SourceIpConfig: { Values: ["10.0.0.0/8", "127.0.0.0/8"] } }],
])("a condition on %s holds", (_, condition) => {
  expect(matches(condition)).toBe(true);
});

test.each<[string, RuleCondition]>([
  [
    "a path in another case",
    { Field: "path-pattern", PathPatternConfig: { Values: ["/Items/*"] } },
  ],
  [
    "a path whose dot is a dot",
    { Field: "path-pattern", PathPatternConfig: { Values: ["/items.1"] } },
  ],
  ["another host", { Field: "host-header", HostHeaderConfig: { Values: ["example.com"] } }],
  [
    "another method",
    { Field: "http-request-method", HttpRequestMethodConfig: { Values: ["POST"] } },
  ],
  [
    "a header that is missing",
    { Field: "http-header", HttpHeaderConfig: { HttpHeaderName: "x", Values: ["*"] } },
  ],
  [
    "another query key",
    { Field: "query-string", QueryStringConfig: { Values: [{ Key: "c", Value: "red" }] } },
  ],
  ["another network", { Field: "source-ip", SourceIpConfig: { Values: ["10.0.0.0/8"] } }],
])("a condition on %s does not", (_, condition) => {
  expect(matches(condition)).toBe(false);
});

test("a target group is picked by its weight, and never at weight 0", () => {
  const groups = [
    { TargetGroupArn: "a", Weight: 0 },
    { TargetGroupArn: "b", Weight: 1 },
    { TargetGroupArn: "c", Weight: 3 },
  ];
  expect([0, 0.24, 0.26, 0.99].map((random) => pickTargetGroup(groups, random))).toEqual([
    "b",
    "b",
    "c",
    "c",
  ]);
});
