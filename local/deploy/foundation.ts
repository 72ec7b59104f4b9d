import type { Network } from "../../model/network";
import type { LocalAws } from "../emulator/aws";
import { createStack, type Parameters } from "./stack";

/** Parameters of `foundation/delivery.yaml` that the network does not tell. */
export interface Delivery {
  readonly Platform: string;
  readonly Environment: string;
  readonly Protected: "true" | "false";
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
