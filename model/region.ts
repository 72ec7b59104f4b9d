/** The part of AWS that a region belongs to. */
export interface Partition {
  /** Second part of every ARN there. */
  readonly name: "aws" | "aws-cn" | "aws-us-gov";
  /** Where host names end, such as those of repositories. */
  readonly domain: string;
}

/** @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
export function partitionOf(region: string): Partition {
  if (region.startsWith("cn-")) return { name: "aws-cn", domain: "amazonaws.com.cn" };
  if (region.startsWith("us-gov-")) return { name: "aws-us-gov", domain: "amazonaws.com" };
  return { name: "aws", domain: "amazonaws.com" };
}

/** IAM is global within a partition: its ARNs name no region. */
export const iamArn = (region: string, account: string, resource: string) =>
  `arn:${partitionOf(region).name}:iam::${account}:${resource}`;
