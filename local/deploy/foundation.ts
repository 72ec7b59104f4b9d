import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import { Network } from "../../environments/environment";
import { clientConfig, LocalAws } from "../aws";

const TEMPLATE = join(__dirname, "..", "..", "foundation", "network.yaml");
const STACK = "foundation-network";

/** Makes the Day-0 network from the template that a real account uses, and gives its outputs. */
export async function createFoundation(aws: LocalAws): Promise<Network> {
  const client = new CloudFormationClient(clientConfig(aws));
  await client.send(
    new CreateStackCommand({
      StackName: STACK,
      TemplateBody: readFileSync(TEMPLATE, "utf8"),
      Parameters: [{ ParameterKey: "Name", ParameterValue: "local" }],
    }),
  );
  await waitUntilStackCreateComplete(
    { client, maxWaitTime: 30, minDelay: 1 },
    { StackName: STACK },
  );
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
  const outputs = new Map(Stacks?.[0]?.Outputs?.map((o) => [o.OutputKey, o.OutputValue]));
  const output = (name: string) => {
    const value = outputs.get(name);
    if (value === undefined) throw new Error(`${TEMPLATE} has no output ${name}`);
    return value;
  };
  return {
    vpcId: output("VpcId"),
    publicSubnetIds: output("PublicSubnetIds").split(","),
    privateSubnetIds: output("PrivateSubnetIds").split(","),
    endpointSecurityGroupId: output("EndpointSecurityGroupId"),
  };
}
