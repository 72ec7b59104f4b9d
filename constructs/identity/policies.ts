import { partitionOf } from "../../model/region";

/** IAM policy statements: pure functions, named by what they let happen or prevent. */

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

/** Lock files (`.tflock`) stay deletable: that is how a lock is given back. */
export const denyStateDeletion = (bucketArn: string, roleArn: string): Statement => ({
  Sid: "DenyStateDeletion",
  Effect: "Deny",
  Principal: "*",
  Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
  Resource: `${bucketArn}/*.tfstate`,
  // Not as the principal: S3 refuses a policy that names a role which is not there yet.
  Condition: { ArnLike: { "aws:PrincipalArn": roleArn } },
});

/**
 * Lets ECS, acting for this account, hand a role to tasks.
 *
 * ECS sends no narrower ARN than the region's.
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
  // The token is of the whole registry: AWS allows no narrower resource here.
  Resource: "*",
});

export const pullImages = (repositoryArn: string): Statement => ({
  Sid: "PullImages",
  Effect: "Allow",
  Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  Resource: repositoryArn,
});

/** Lets one role, of another account, take images and all that belongs to them to a repository there. */
export const promoteImages = (roleArn: string): Statement => ({
  Sid: "PromoteImages",
  Effect: "Allow",
  Principal: { AWS: rootOf(roleArn) },
  // Of what refers to an image, ECR lists the digests to whoever may get images.
  Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
  // Not as the principal: ECR refuses a policy that names a role which is not there yet.
  Condition: { ArnEquals: { "aws:PrincipalArn": roleArn } },
});

/** The account of a role, as a principal. */
const rootOf = (roleArn: string) => roleArn.replace(/:role\/.*$/, ":root");

export const writeLogs = (logGroupArn: string): Statement => ({
  Sid: "WriteLogs",
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: `${logGroupArn}:log-stream:*`,
});

/**
 * @param arn of a table or of one of its indexes
 * @param actions DynamoDB actions without their prefix, such as `GetItem`, in any order
 */
export const useTable = (arn: string, actions: readonly string[]): Statement => ({
  Effect: "Allow",
  Action: actions.map((action) => `dynamodb:${action}`).sort(),
  Resource: arn,
});
