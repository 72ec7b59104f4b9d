import {
  CreateRoleCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { clientConfig, type LocalAws } from "../../../../local/emulator/aws";

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** The statements of all managed policies of a role, as they are deployed. */
export async function statementsOf(aws: LocalAws, RoleName: string): Promise<Statement[]> {
  const iam = new IAMClient(clientConfig(aws));
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  const statements = await Promise.all(
    (attached.AttachedPolicies ?? []).map(async ({ PolicyArn }) => {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
      const { PolicyVersion } = await iam.send(
        new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy?.DefaultVersionId }),
      );
      const document = decodeURIComponent(PolicyVersion?.Document ?? "");
      return (JSON.parse(document) as { Statement: Statement[] }).Statement;
    }),
  );
  return statements.flat();
}

/** Creates a role of the account with these statements. */
export async function createRole(
  aws: LocalAws,
  RoleName: string,
  statements: readonly Statement[],
) {
  const iam = new IAMClient(clientConfig(aws));
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${aws.accountId}:root` },
          Action: "sts:AssumeRole",
        },
      }),
    }),
  );
  // Each statement is a separate policy, because the size of an inline policy is limited.
  for (const statement of statements) {
    await iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: statement.Sid,
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
      }),
    );
  }
}
