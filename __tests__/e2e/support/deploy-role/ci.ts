import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { clientConfig, type Credentials, type LocalAws } from "../../../../local/emulator/aws";
import { createStack } from "../../../../local/deploy/stack";

/** The repository for which foundation/github.yaml is deployed. */
export const REPOSITORY = {
  GitHubOrganization: "acme",
  GitHubOrganizationId: "1001",
  GitHubRepository: "shop",
  GitHubRepositoryId: "2002",
};

/** Creates the CI roles. All three workload accounts are the local one. */
export async function createCiRoles(aws: LocalAws, platform: string) {
  const { accountId } = aws;
  await createStack(aws, "github", {
    ...REPOSITORY,
    Platform: platform,
    DevAccount: accountId,
    StagingAccount: accountId,
    ProdAccount: accountId,
  });
}

export interface Claims {
  readonly aud: string;
  readonly sub: string;
  readonly repository_id: string | undefined;
  readonly ref: string | undefined;
  /** Seconds since 1970. */
  readonly exp: number;
}

/** The claims of GitHub's token in a job of an environment. */
export const claimsOf = (environment: string): Claims => ({
  aud: "sts.amazonaws.com",
  sub: `repo:acme/shop:environment:${environment}`,
  repository_id: REPOSITORY.GitHubRepositoryId,
  ref: environment.endsWith("-plan") ? "refs/pull/7/merge" : "refs/heads/main",
  exp: Math.floor(Date.now() / 1000) + 300,
});

/**
 * Assumes a role like the first step of a job. The local AWS checks everything in a token except
 * its signature.
 */
export async function assumeWithToken(aws: LocalAws, role: string, claims: Claims) {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const payload = { iss: "https://token.actions.githubusercontent.com", ...claims };
  const { Credentials } = await new STSClient(clientConfig(aws)).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn(aws, role),
      RoleSessionName: "ci",
      WebIdentityToken: `${encode({ alg: "none" })}.${encode(payload)}.signature`,
    }),
  );
  return signedInAs(aws, Credentials);
}

/** @param aws with the credentials that assume the role */
export async function assume(aws: LocalAws, role: string) {
  const { Credentials } = await new STSClient(clientConfig(aws)).send(
    new AssumeRoleCommand({ RoleArn: roleArn(aws, role), RoleSessionName: "ci" }),
  );
  return signedInAs(aws, Credentials);
}

/**
 * Signs in as CI does: it assumes the CI role of a GitHub environment, and with it the role in the
 * workload account.
 */
export async function signInAsCi(aws: LocalAws, gitHubEnvironment: string, role: string) {
  const ci = await assumeWithToken(
    aws,
    `github-inventory-${gitHubEnvironment}`,
    claimsOf(gitHubEnvironment),
  );
  return assume(ci, role);
}

const roleArn = ({ accountId }: LocalAws, role: string) => `arn:aws:iam::${accountId}:role/${role}`;

interface IssuedCredentials {
  readonly AccessKeyId?: string;
  readonly SecretAccessKey?: string;
  readonly SessionToken?: string;
}

function signedInAs(aws: LocalAws, issued: IssuedCredentials = {}) {
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = issued;
  const credentials: Credentials = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
  };
  return { ...aws, credentials };
}
