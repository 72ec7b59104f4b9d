import { type PolicyDocument, PSEUDO, resourcesOf } from "../support/cloudformation";

const names = {
  GitHubOrganization: "acme",
  GitHubRepository: "shop",
  GitHubRepositoryId: "2002",
};
const ids = { GitHubOrganizationId: "1001" };
const rest = {
  Platform: "inventory",
  DevAccount: "111111111111",
  StagingAccount: "222222222222",
  ProdAccount: "333333333333",
};

/** The CI roles by name, with their trust policies and permissions. */
const rolesWith = (parameters: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.values(resourcesOf("github.yaml", { ...rest, ...names, ...parameters }))
      .filter(({ Type }) => Type === "AWS::IAM::Role")
      .map(({ Properties }) => [
        Properties.RoleName as string,
        {
          maximum: Properties.MaxSessionDuration,
          trust: Properties.AssumeRolePolicyDocument as PolicyDocument,
          policies: Properties.Policies as { PolicyDocument: PolicyDocument }[],
        },
      ]),
  );

const trusted = (environment: string, parameters: Readonly<Record<string, string>>) => {
  const statements = rolesWith(parameters)[`github-inventory-${environment}`]?.trust.Statement;
  expect(statements).toHaveLength(1);
  return statements?.[0];
};

const ENVIRONMENTS = ["dev", "dev-plan", "staging", "staging-plan", "prod", "prod-plan"];

test.each(ENVIRONMENTS)(
  "%s: trusted are this audience and these subjects, and nothing that is only like them",
  (environment) => {
    expect(trusted(environment, ids)).toEqual({
      Sid: "TrustTheGitHubEnvironment",
      Effect: "Allow",
      Action: "sts:AssumeRoleWithWebIdentity",
      Principal: {
        Federated: `arn:aws:iam::${PSEUDO["AWS::AccountId"]}:oidc-provider/token.actions.githubusercontent.com`,
      },
      Condition: {
        StringEquals: {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:repository_id": "2002",
          // A missing branch rule on GitHub grants nothing, because only main may deploy.
          ...(!environment.endsWith("-plan") && {
            "token.actions.githubusercontent.com:ref": "refs/heads/main",
          }),
          "token.actions.githubusercontent.com:sub": [
            `repo:acme/shop:environment:${environment}`,
            `repo:acme@1001/shop@2002:environment:${environment}`,
          ],
        },
      },
    });
  },
);

const SUBJECT = "token.actions.githubusercontent.com:sub";

test("without ids only names are trusted, and names can be left out", () => {
  expect(trusted("dev", {})?.Condition?.StringEquals?.[SUBJECT]).toEqual([
    "repo:acme/shop:environment:dev",
  ]);
  expect(
    trusted("dev", { ...ids, TrustNames: "false" })?.Condition?.StringEquals?.[SUBJECT],
  ).toEqual(["repo:acme@1001/shop@2002:environment:dev"]);
});

test("with neither, nobody is trusted", () => {
  const none = { TrustNames: "false" };
  expect(trusted("dev", none)?.Condition?.StringEquals?.[SUBJECT]).toEqual([]);
});

test("each may assume one role in one account, for an hour, and nothing else", () => {
  const may = Object.entries(rolesWith(ids)).map(([role, { policies, maximum }]) => [
    role,
    maximum,
    policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.map(({ Action, Resource }) => [Action, Resource]),
    ),
  ]);
  const role = (account: string, name: string) => [
    ["sts:AssumeRole", `arn:aws:iam::${account}:role/ci-inventory-${name}`],
  ];
  expect(may).toEqual([
    ["github-inventory-dev", 3600, role("111111111111", "dev-deploy")],
    ["github-inventory-dev-plan", 3600, role("111111111111", "dev-plan")],
    ["github-inventory-staging", 3600, role("222222222222", "staging-deploy")],
    ["github-inventory-staging-plan", 3600, role("222222222222", "staging-plan")],
    ["github-inventory-prod", 3600, role("333333333333", "prod-deploy")],
    ["github-inventory-prod-plan", 3600, role("333333333333", "prod-plan")],
  ]);
});

test("the provider can be left out", () => {
  const types = (parameters: Readonly<Record<string, string>>) =>
    Object.values(resourcesOf("github.yaml", { ...rest, ...names, ...parameters })).map(
      ({ Type }) => Type,
    );
  expect(types({})).toContain("AWS::IAM::OIDCProvider");
  expect(types({ CreateOidcProvider: "false" })).not.toContain("AWS::IAM::OIDCProvider");
});
