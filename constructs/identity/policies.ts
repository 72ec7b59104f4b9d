import { partitionOf } from "../../model/region";

/** IAM policy statements as pure functions. Their names say what they allow or deny. */

interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: string | Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A policy document as JSON text. */
export const policyDocument = (...statements: readonly Statement[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

export const denyInsecureTransport = (bucketArn: string): Statement => ({
  Sid: "DenyInsecureTransport",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [bucketArn, `${bucketArn}/*`],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});

/** Lock files (`.tflock`) can still be deleted, because that releases a lock. */
export const denyStateDeletion = (bucketArn: string, roleArn: string): Statement => ({
  Sid: "DenyStateDeletion",
  Effect: "Deny",
  Principal: "*",
  Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
  Resource: `${bucketArn}/*.tfstate`,
  // The role is a condition and not the principal, because S3 rejects a policy whose principal does
  // not exist yet.
  Condition: { ArnLike: { "aws:PrincipalArn": roleArn } },
});

/**
 * Lets ECS assume a role for the tasks of this account.
 *
 * `aws:SourceArn` is the region's wildcard, because ECS sends nothing narrower.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 */
export const trustEcsTasks = (account: string, region: string): Statement => ({
  Effect: "Allow",
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: "sts:AssumeRole",
  Condition: {
    StringEquals: { "aws:SourceAccount": account },
    ArnLike: { "aws:SourceArn": `arn:${partitionOf(region).name}:ecs:${region}:${account}:*` },
  },
});

export const getRegistryToken = (): Statement => ({
  Sid: "GetRegistryToken",
  Effect: "Allow",
  Action: "ecr:GetAuthorizationToken",
  // The token is valid for the whole registry, so AWS allows no narrower resource.
  Resource: "*",
});

export const pullImages = (repositoryArn: string): Statement => ({
  Sid: "PullImages",
  Effect: "Allow",
  Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  Resource: repositoryArn,
});

/**
 * Lets one role of another account copy images, and the artifacts that refer to them, to a
 * repository there.
 */
export const promoteImages = (roleArn: string): Statement => ({
  Sid: "PromoteImages",
  Effect: "Allow",
  Principal: { AWS: rootOf(roleArn) },
  // ECR lists the digests of the artifacts that refer to an image to everyone who may pull images.
  Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  // The role is a condition and not the principal, because ECR rejects a policy whose principal
  // does not exist yet.
  Condition: { ArnEquals: { "aws:PrincipalArn": roleArn } },
});

/** The principal of the account that a role belongs to. */
const rootOf = (roleArn: string) => roleArn.replace(/:role\/.*$/, ":root");

export const writeLogs = (logGroupArn: string): Statement => ({
  Sid: "WriteLogs",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: `${logGroupArn}:log-stream:*`,
});

/** @param arns patterns of the secrets' ARNs, because AWS generates the end of each */
export const readSecrets = (arns: readonly string[]): Statement => ({
  Sid: "ReadSecrets",
  Effect: "Allow",
  Action: "secretsmanager:GetSecretValue",
  Resource: arns,
});

/**
 * @param arn the ARN of a table or of one of its indexes
 * @param actions DynamoDB actions without their prefix, such as `GetItem`, in any order
 */
export const useTable = (arn: string, actions: readonly string[]): Statement => ({
  Effect: "Allow",
  Action: actions.map((action) => `dynamodb:${action}`).sort(),
  Resource: arn,
});
