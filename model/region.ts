/** The AWS partition that a region belongs to. */
export interface Partition {
  /** The second part of every ARN in the partition. */
  readonly name: "aws" | "aws-cn" | "aws-us-gov";
  /** The end of the partition's host names, such as those of ECR registries. */
  readonly domain: string;
}

/** @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
export function partitionOf(region: string): Partition {
  if (region.startsWith("cn-")) return { name: "aws-cn", domain: "amazonaws.com.cn" };
  if (region.startsWith("us-gov-")) return { name: "aws-us-gov", domain: "amazonaws.com" };
  return { name: "aws", domain: "amazonaws.com" };
}

/** Builds the ARN of an IAM resource. IAM is global within a partition, so the ARN contains no region. */
export const iamArn = (region: string, account: string, resource: string) =>
  `arn:${partitionOf(region).name}:iam::${account}:${resource}`;
