import { resourceEvent } from "../../../delivery/deploy/progress";

test.each([
  ["aws_lb.load_balancer: Creating...", "aws_lb.load_balancer creating"],
  [
    "aws_lb.load_balancer: Still creating... [10s elapsed]",
    "aws_lb.load_balancer still creating 10s",
  ],
  [
    "aws_lb.load_balancer: Still creating... [1m10s elapsed]",
    "aws_lb.load_balancer still creating 1m10s",
  ],
  [
    "aws_lb.load_balancer: Creation complete after 1m0s [id=arn:aws:x]",
    "aws_lb.load_balancer creation complete 1m0s",
  ],
  ["aws_ecs_service.service: Modifying... [id=arn:aws:x]", "aws_ecs_service.service modifying"],
  [
    "aws_ecs_service.service (service/this): Still modifying... [id=arn:aws:x, 10s elapsed]",
    "aws_ecs_service.service still modifying 10s",
  ],
  [
    "aws_ecs_task_definition.this (task-definition/this) (deposed object 9591ad04): Destroying... [id=x]",
    "aws_ecs_task_definition.this destroying",
  ],
  ["aws_kms_key.key: Importing... [id=1]", "aws_kms_key.key importing"],
  ["Plan: 2 to add, 0 to change, 0 to destroy.", undefined],
  ["# aws_lb.load_balancer will be created", undefined],
])("%s is shown as %s", (line, shown) => {
  expect(resourceEvent(line)).toBe(shown);
});
