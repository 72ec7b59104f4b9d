import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { clientConfig, type Credentials, type LocalAws } from "../../../../local/emulator/aws";
import { createStack } from "../../../../local/deploy/stack";

/** The repository that foundation/github.yaml is deployed for. */
export const REPOSITORY = {
  GitHubOrganization: "acme",
  GitHubOrganizationId: "1001",
  GitHubRepository: "shop",
  GitHubRepositoryId: "2002",
};

/** Makes the CI roles; all three workload accounts are the local one. */
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
  /** Epoch seconds. */
  readonly exp: number;
}

/** What a token of GitHub's says in a job of an environment. */
export const claimsOf = (environment: string): Claims => ({
  aud: "sts.amazonaws.com",
  sub: `repo:acme/shop:environment:${environment}`,
  repository_id: REPOSITORY.GitHubRepositoryId,
  ref: environment.endsWith("-plan") ? "refs/pull/7/merge" : "refs/heads/main",
  exp: Math.floor(Date.now() / 1000) + 300,
});

/** As the first step of a job does. The local AWS checks all of a token but its signature. */
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

/** @param aws as whom it is assumed */
export async function assume(aws: LocalAws, role: string) {
  const { Credentials } = await new STSClient(clientConfig(aws)).send(
    new AssumeRoleCommand({ RoleArn: roleArn(aws, role), RoleSessionName: "ci" }),
  );
  return signedInAs(aws, Credentials);
}

/** All that CI does to be let in: the CI role of a GitHub environment, then its role beyond. */
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
