import {
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient, type Credentials } from "@aws-sdk/client-sts";
import { randomUUID } from "node:crypto";
import { clientConfig, type LocalAws } from "../../../local/emulator/aws";

interface RoleOptions {
  /** Of its inline policy. */
  readonly statements?: object[];
  /** Of its trust policy. By default it trusts ECS tasks. */
  readonly trust?: object[];
  /** ARN of its permissions boundary. */
  readonly boundary?: string;
}

export const allow = (
  Action: string | string[],
  Resource: string | string[] = "*",
  Condition?: object,
) => ({ Effect: "Allow", Action, Resource, ...(Condition && { Condition }) });

export const allowAll = allow("*");

export const policyDocument = (statements: object[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** A role of the local AWS, and a session of it as the account's root gets one. */
export async function assumedRole(
  aws: LocalAws,
  { statements = [], trust = [trustedTasks], boundary }: RoleOptions,
) {
  const iam = new IAMClient(clientConfig(aws));
  const name = `role-${randomUUID()}`;
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: policyDocument(trust),
      PermissionsBoundary: boundary,
    }),
  );
  if (statements.length > 0) {
    const PolicyDocument = policyDocument(statements);
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: "inline", PolicyDocument }),
    );
  }
  const arn = Role?.Arn ?? "";
  const { Credentials } = await new STSClient(clientConfig(aws)).send(
    new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "test" }),
  );
  return { name, arn, config: sessionConfig(aws, Credentials) };
}

/** A role with these statements in its inline policy, assumed. */
export const roleWith = (aws: LocalAws, ...statements: object[]) =>
  assumedRole(aws, { statements });

/** A managed policy of these statements. @returns its ARN */
export async function createPolicy(aws: LocalAws, ...statements: object[]) {
  const { Policy } = await new IAMClient(clientConfig(aws)).send(
    new CreatePolicyCommand({
      PolicyName: `policy-${randomUUID()}`,
      PolicyDocument: policyDocument(statements),
    }),
  );
  return Policy?.Arn ?? "";
}

/** Configures any SDK client with what STS answered, and without retries. */
export function sessionConfig(aws: LocalAws, session: Credentials | undefined) {
  const credentials = {
    accessKeyId: session?.AccessKeyId ?? "",
    secretAccessKey: session?.SecretAccessKey ?? "",
    sessionToken: session?.SessionToken ?? "",
  };
  return { ...clientConfig(aws), credentials, maxAttempts: 1, forcePathStyle: true };
}

const trustedTasks = {
  Effect: "Allow",
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: "sts:AssumeRole",
};
