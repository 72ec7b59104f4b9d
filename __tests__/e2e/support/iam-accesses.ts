import type { LocalAws } from "../../../local/emulator/aws";
import { iamAccesses } from "../../../local/emulator/control";

/** What a principal's calls asked of IAM, and how it decided. */
export async function accessesOf(aws: LocalAws, { arn }: { readonly arn: string }) {
  return (await iamAccesses(aws)).filter(({ principal }) => principal === arn);
}

/** What a principal's calls asked for, each as `<action> <resource>`. */
export async function neededBy(aws: LocalAws, principal: { readonly arn: string }) {
  return (await accessesOf(aws, principal)).map(({ action, resource }) => `${action} ${resource}`);
}
