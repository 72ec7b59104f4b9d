import type { Network } from "../../model/network";
import type { LocalAws } from "../emulator/aws";
import { createStack, type Parameters } from "./stack";

/** The parameters of `foundation/delivery.yaml` that are not outputs of the network. */
export interface Delivery {
  readonly Platform: string;
  readonly Environment: string;
  readonly Protected: "true" | "false";
}

/**
 * Creates the foundation from the same templates as in a real account: the network, the deploy role, the plan role and
 * the permissions boundary of the tasks' roles. The account is its own tooling account.
 *
 * @returns the network in the form that an environment takes
 */
export async function createFoundation(
  aws: LocalAws,
  delivery: Delivery & Parameters,
): Promise<Network> {
  const output = await createStack(aws, "network", { Name: delivery.Environment });
  await createStack(aws, "delivery", {
    ToolingAccount: aws.accountId,
    VpcId: output("VpcId"),
    PrivateSubnetIds: output("PrivateSubnetIds"),
    ...delivery,
  });
  return {
    vpcId: output("VpcId"),
    publicSubnetIds: output("PublicSubnetIds").split(","),
    privateSubnetIds: output("PrivateSubnetIds").split(","),
    endpointSecurityGroupId: output("EndpointSecurityGroupId"),
  };
}
