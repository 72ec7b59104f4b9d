import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import { clientConfig, type LocalAws } from "../emulator/aws";

const TEMPLATES = join(__dirname, "..", "..", "foundation");

/** Parameters of a CloudFormation template. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * Deploys a Day-0 template.
 *
 * @param name of the template, without its folder and suffix
 * @param StackName the name of the stack. @default - `foundation-<name>`
 * @returns gives an output of the stack, and throws when there is none of that name
 */
export async function createStack(
  aws: LocalAws,
  name: string,
  parameters: Parameters,
  StackName = `foundation-${name}`,
) {
  const client = new CloudFormationClient(clientConfig(aws));
  await client.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: readFileSync(join(TEMPLATES, `${name}.yaml`), "utf8"),
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
      Capabilities: ["CAPABILITY_NAMED_IAM"],
    }),
  );
  await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 1 }, { StackName });
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
  const outputs = new Map(Stacks?.[0]?.Outputs?.map((o) => [o.OutputKey, o.OutputValue]));
  return (output: string) => {
    const value = outputs.get(output);
    if (value === undefined) throw new Error(`foundation/${name}.yaml has no output ${output}`);
    return value;
  };
}
