import { differences, readLedger } from "../support/security-findings";

const ledger = [
  {
    check: "CKV_AWS_1",
    where: ["prod-alb aws_lb.a", "prod-alb aws_lb.b"],
    reason: "",
    instead: "",
  },
];
const finding = (where: string, check = "CKV_AWS_1") => ({ check, where, title: "It is so" });

test("the project's ledger is as it should be", () => {
  expect(readLedger().length).toBeGreaterThan(5);
});

test("findings that are all accepted make no difference", () => {
  expect(differences([finding("prod-alb aws_lb.a"), finding("prod-alb aws_lb.b")], ledger)).toEqual(
    [],
  );
});

test("a finding that is not accepted is named, with what to do", () => {
  const findings = [finding("prod-alb aws_lb.a"), finding("prod-alb aws_lb.b")];
  const others = [finding("prod-alb aws_lb.c"), finding("prod-alb aws_lb.a", "CKV_AWS_2")];
  expect(differences([...findings, ...others], ledger)).toEqual([
    expect.stringMatching(/^CKV_AWS_1 prod-alb aws_lb\.c: It is so\. Fix it, or accept it/),
    expect.stringMatching(/^CKV_AWS_2 prod-alb aws_lb\.a: /),
  ]);
});

test("an entry that nothing is found for is named", () => {
  expect(differences([finding("prod-alb aws_lb.a")], ledger)).toEqual([
    "CKV_AWS_1 prod-alb aws_lb.b: nothing is found there any more. Remove it from security-findings.yaml.",
  ]);
});

const entry = {
  check: "CKV_AWS_1",
  where: ["prod-alb aws_lb.a"],
  reason: "there is a reason",
  instead: "something else protects",
};

test.each([
  ["check", { ...entry, check: "AWS_1" }, "expected the name of a check, such as CKV_AWS_18"],
  ["where", { ...entry, where: ["aws_lb.a"] }, "expected <state or template> <resource>"],
  ["where", { ...entry, where: [] }, "where"],
  ["reason", { ...entry, reason: "why" }, "expected a reason of 10 characters or more"],
  ["instead", { ...entry, instead: undefined }, "instead"],
  ["until", { ...entry, until: "2026-12-31" }, "until"],
])("a wrong %s is an error that says what is expected: %j", (_, wrong, message) => {
  expect(() => readLedger(JSON.stringify([entry, wrong]))).toThrow(message);
});
