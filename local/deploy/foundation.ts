import type { Network } from "../../environments/environment";
import type { LocalAws } from "../aws";
import { createStack, type Parameters } from "./stack";

/** Parameters of `foundation/delivery.yaml` that every account needs. */
export interface Delivery {
  readonly Platform: string;
  readonly Environment: string;
}

/**
 * Makes Day-0 from the templates that a real account uses: the roles that deploy and plan, with the
 * boundary of the tasks' roles, and the network. The account is its own tooling account.
 *
 * @returns the network, as the environment takes it
 */
export async function createFoundation(
  aws: LocalAws,
  delivery: Delivery & Parameters,
): Promise<Network> {
  await createStack(aws, "delivery", { ToolingAccount: aws.accountId, ...delivery });
  const output = await createStack(aws, "network", { Name: delivery.Environment });
  return {
    vpcId: output("VpcId"),
    publicSubnetIds: output("PublicSubnetIds").split(","),
    privateSubnetIds: output("PrivateSubnetIds").split(","),
    endpointSecurityGroupId: output("EndpointSecurityGroupId"),
  };
}
