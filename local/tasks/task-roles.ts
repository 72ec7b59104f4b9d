import type { LocalAws } from "../emulator/aws";
import { assumeTaskRole } from "../emulator/control";

/** Temporary credentials of a role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** The properties of a task that its role sessions need. */
export interface TaskIdentity {
  readonly id: string;
  readonly arn: string;
  /** The subnet in which the task runs. */
  readonly subnetId: string;
}

/**
 * Assumes a role for a task. The credentials are valid for an hour, and requests that are signed with them count as
 * coming from the task's subnet.
 *
 * @throws Error with ECS's wording when the role does not exist or its trust policy does not allow ECS to assume it
 */
export async function assumeRole(
  aws: LocalAws,
  roleArn: string,
  { arn, subnetId }: TaskIdentity,
): Promise<RoleCredentials> {
  const credentials = await assumeTaskRole(aws, { roleArn, taskArn: arn, subnetId });
  if (!credentials) {
    throw new Error(
      `ECS was unable to assume the role '${roleArn}' that was provided for this task. ` +
        "Please verify that the role being passed has the proper trust relationship and " +
        "permissions and that your IAM user has permissions to pass this role.",
    );
  }
  return { ...credentials, expiration: new Date(credentials.expiration) };
}
