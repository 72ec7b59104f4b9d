import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { clientConfig, type LocalAws } from "../emulator/aws";
import { reportTaskSession } from "../emulator/control";
import { trustsEcsTasks } from "./trust-policy";

/** Temporary credentials of a role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/**
 * Checks that ECS may assume a role for a task.
 *
 * @throws Error in ECS's words when the role is missing or its trust policy says no
 */
export async function checkTrust(aws: LocalAws, roleArn: string, taskArn: string): Promise<void> {
  const iam = new IAMClient(clientConfig(aws));
  try {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: roleArn.split("/").at(-1) }));
    const document = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    const context = { "aws:SourceAccount": aws.accountId, "aws:SourceArn": taskArn };
    if (!trustsEcsTasks(document, context)) {
      throw new Error(
        `its trust policy does not let ecs-tasks.amazonaws.com assume it: ${document}`,
      );
    }
  } catch (error) {
    throw new Error(
      `ECS was unable to assume the role '${roleArn}' that was provided for this task: ` +
        (error as Error).message,
      { cause: error },
    );
  } finally {
    iam.destroy();
  }
}

/** A task, as its sessions need it. */
export interface TaskIdentity {
  readonly id: string;
  /** Where it runs. */
  readonly subnetId: string;
}

/** Credentials of a role for a task, good for an hour. What is done with them comes from its subnet. */
export async function assumeRole(
  aws: LocalAws,
  roleArn: string,
  { id, subnetId }: TaskIdentity,
): Promise<RoleCredentials> {
  const sts = new STSClient(clientConfig(aws));
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: id }),
    );
    if (!Credentials) throw new Error(`AssumeRole of ${roleArn} answered no credentials`);
    await reportTaskSession(aws, { accessKeyId: Credentials.AccessKeyId ?? "", subnetId });
    return {
      accessKeyId: Credentials.AccessKeyId ?? "",
      secretAccessKey: Credentials.SecretAccessKey ?? "",
      sessionToken: Credentials.SessionToken ?? "",
      expiration: Credentials.Expiration ?? new Date(),
    };
  } finally {
    sts.destroy();
  }
}
