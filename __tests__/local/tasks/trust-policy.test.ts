import { trustsEcsTasks } from "../../../local/tasks/trust-policy";

const context = {
  "aws:SourceAccount": "123456789012",
  "aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:task/main/1",
};

const policy = (statement: object) =>
  JSON.stringify({
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
        ...statement,
      },
    ],
  });

test.each([
  ["no condition", {}],
  [
    "one of several services",
    { Principal: { Service: ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] } },
  ],
  ["its account", { Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } }],
  [
    "its account, in another case",
    { Condition: { StringEquals: { "AWS:SourceAccount": "123456789012" } } },
  ],
  [
    "its account's ECS",
    { Condition: { ArnLike: { "aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*" } } },
  ],
])("a trust policy with %s lets the task start", (_, statement) => {
  expect(trustsEcsTasks(policy(statement), context)).toBe(true);
});

test.each([
  ["another service", { Principal: { Service: "ec2.amazonaws.com" } }],
  ["an account only", { Principal: { AWS: "123456789012" } }],
  ["another action", { Action: "sts:TagSession" }],
  ["another account", { Condition: { StringEquals: { "aws:SourceAccount": "210987654321" } } }],
  ["another region", { Condition: { ArnLike: { "aws:SourceArn": "arn:aws:ecs:us-east-1:*:*" } } }],
  ["an operator that is not known", { Condition: { DateLessThan: { "aws:SourceAccount": "x" } } }],
  ["a key that ECS does not send", { Condition: { StringEquals: { "sts:ExternalId": "x" } } }],
  ["a denial", { Effect: "Deny" }],
])("a trust policy with %s does not", (_, statement) => {
  expect(trustsEcsTasks(policy(statement), context)).toBe(false);
});
