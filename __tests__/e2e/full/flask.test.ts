import { CloudWatchLogsClient, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { useLocalFlask } from "../support/local-flask";

const flask = useLocalFlask();

const UNHEALTHY = `
from flask import Flask
app = Flask("unhealthy")

@app.get("/health")
def health():
    return "no", 503
`;

test("targets that are not healthy do not take over, and the deploy says why", async () => {
  expect(await flask().failedDeploy(await flask().publish("c", UNHEALTHY))).toMatch(
    /is unhealthy in \(target-group .*\) due to \(reason .*ResponseCodeMismatch/,
  );
}, 400_000);

test("an execution role that may not pull fails the deploy in ECS's words", async () => {
  const role = { RoleName: "flask-local-execution", PolicyName: "no-pull" };
  const iam = new IAMClient(flask().config);
  const Statement = [{ Effect: "Deny", Action: "ecr:BatchGetImage", Resource: "*" }];
  const image = await flask().publish("d");
  await iam.send(
    new PutRolePolicyCommand({
      ...role,
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
    }),
  );
  expect(await flask().failedDeploy(image)).toMatch(
    /CannotPullContainerError: .*not authorized to perform: ecr:BatchGetImage/,
  );
  await iam.send(new DeleteRolePolicyCommand(role));
  const again = await flask().run("deploy", "--image-tag", image, "--auto-approve");
  expect([again.exitCode, again.output]).toEqual([0, expect.any(String)]);
}, 400_000);

test("what differs from the configuration is shown as drift", async () => {
  const logs = new CloudWatchLogsClient(flask().config);
  const retain = (retentionInDays: number) =>
    logs.send(new PutRetentionPolicyCommand({ logGroupName: "/ecs/flask-local", retentionInDays }));
  await retain(30);
  const drift = await flask().run("drift");
  expect([drift.exitCode, drift.output]).toEqual([
    2,
    expect.stringContaining("change aws_cloudwatch_log_group.log_group"),
  ]);
  await retain(1);
  const none = await flask().run("drift");
  expect([none.exitCode, none.output]).toEqual([0, expect.stringContaining("Nothing has drifted")]);
}, 240_000);
