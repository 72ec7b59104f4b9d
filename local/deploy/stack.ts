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
 * Creates a stack from a template of `foundation/`.
 *
 * @param name the name of the template, without its folder and suffix
 * @param StackName the name of the stack. @default - `foundation-<name>`
 * @returns a function that returns an output of the stack, and throws when the stack has no output of that name
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
