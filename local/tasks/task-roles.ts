import type { LocalAws } from "../emulator/aws";
import { assumeTaskRole } from "../emulator/control";

/** Temporary credentials of a role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** A task, as its sessions need it. */
export interface TaskIdentity {
  readonly id: string;
  readonly arn: string;
  /** Where it runs. */
  readonly subnetId: string;
}

/**
 * Credentials of a role for a task, good for an hour. What is done with them comes from its subnet.
 *
 * @throws Error in ECS's words when the role is missing or its trust policy does not let ECS assume it
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
