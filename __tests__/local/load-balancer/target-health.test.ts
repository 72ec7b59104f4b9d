import { initialHealth, matchesCode, nextHealth } from "../../../local/load-balancer/target-health";

const thresholds = { HealthyThresholdCount: 2, UnhealthyThresholdCount: 3 };
const failure = { reason: "Target.Timeout", description: "Request timed out" };

/** The states after each check. `-` is a failed check. */
function states(checks: string): string[] {
  let health = initialHealth({ id: "127.1.1.1", port: 8080 });
  return Array.from(checks).map((check) => {
    health = nextHealth(health, check === "-" ? failure : undefined, thresholds);
    return health.report.state;
  });
}

test("a new target is healthy after its first passed check", () => {
  expect(states("-+")).toEqual(["initial", "healthy"]);
});

test("a target is unhealthy after as many failures in a row as the threshold says", () => {
  expect(states("+--+---").join(" ")).toBe(
    "healthy healthy healthy healthy healthy healthy unhealthy",
  );
  expect(states("---")).toEqual(["initial", "initial", "unhealthy"]);
});

test("an unhealthy target is healthy again after as many passes in a row as the threshold says", () => {
  expect(states("---+-++").slice(3)).toEqual(["unhealthy", "unhealthy", "unhealthy", "healthy"]);
});

test("an unhealthy target says why", () => {
  let health = initialHealth({ id: "127.1.1.1", port: 8080 });
  for (let check = 0; check < 3; check++) health = nextHealth(health, failure, thresholds);
  expect(health.report).toEqual({ id: "127.1.1.1", port: 8080, state: "unhealthy", ...failure });
});

test.each([
  ["200", 200, true],
  ["200", 201, false],
  ["200,202", 202, true],
  ["200-299", 250, true],
  ["200-299", 300, false],
])("the matcher %s for %i: %s", (matcher, code, expected) => {
  expect(matchesCode(matcher, code)).toBe(expected);
});
