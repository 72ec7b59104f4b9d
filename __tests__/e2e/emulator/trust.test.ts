import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { CreateOpenIDConnectProviderCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { allow, allowAll, assumedRole, roleWith, sessionConfig } from "../support/emulated-role";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();

describe("to assume a role", () => {
  const trusting = (principal: string, Condition?: object) => ({
    Effect: "Allow",
    Principal: { AWS: principal },
    Action: "sts:AssumeRole",
    ...(Condition && { Condition }),
  });
  const account = aws.arn("iam", "root");
  const assume = (
    { config }: { config: ReturnType<typeof sessionConfig> },
    target: { arn: string },
    ExternalId?: string,
  ) =>
    new STSClient(config).send(
      new AssumeRoleCommand({ RoleArn: target.arn, RoleSessionName: "test", ExternalId }),
    );

  test("it is enough that the role's trust policy names the caller", async () => {
    const [caller, other] = [await roleWith(aws), await roleWith(aws)];
    const target = await assumedRole(aws, { trust: [trusting(caller.arn)] });
    await assume(caller, target);
    await expect(assume(other, target)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("it takes the caller's own policy besides where the account is named", async () => {
    const target = await assumedRole(aws, { trust: [trusting(account)] });
    const byNumber = await assumedRole(aws, { trust: [trusting(aws.accountId)] });
    const caller = await roleWith(aws, allow("sts:AssumeRole", [target.arn, byNumber.arn]));
    await assume(caller, target);
    await assume(caller, byNumber);
    await expect(assume(await roleWith(aws), target)).rejects.toThrow(
      `sts:AssumeRole on resource: ${target.arn} because no identity-based policy allows the sts:AssumeRole action`,
    );
  });

  test("the caller's own policy is not enough", async () => {
    const target = await roleWith(aws);
    const caller = await roleWith(aws, allow("sts:AssumeRole", target.arn));
    await expect(assume(caller, target)).rejects.toThrow(
      `sts:AssumeRole on resource: ${target.arn} because no role trust policy allows the sts:AssumeRole action`,
    );
    await expect(assume(caller, { arn: `${target.arn}-not` })).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });

  test("a Deny in the caller's policy, or in the trust policy, is final", async () => {
    const deny = { ...allow("sts:AssumeRole"), Effect: "Deny" };
    const denied = await roleWith(aws, deny);
    const target = await assumedRole(aws, { trust: [trusting(denied.arn)] });
    await expect(assume(denied, target)).rejects.toThrow("explicit deny");
    const caller = await roleWith(aws, allowAll);
    const closed = { ...trusting(caller.arn), Effect: "Deny" };
    const distrusting = await assumedRole(aws, { trust: [trusting(account), closed] });
    await expect(assume(caller, distrusting)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  test("the conditions of the trust policy must hold", async () => {
    const caller = await roleWith(aws, allow("sts:AssumeRole"));
    const target = await assumedRole(aws, {
      trust: [
        trusting(account, {
          StringEquals: { "sts:ExternalId": "shared" },
          ArnEquals: { "aws:PrincipalArn": caller.arn },
        }),
      ],
    });
    await assume(caller, target, "shared");
    await expect(assume(caller, target, "other")).rejects.toThrow("role trust policy");
    await expect(assume(caller, target)).rejects.toThrow("role trust policy");
    const other = await roleWith(aws, allow("sts:AssumeRole"));
    await expect(assume(other, target, "shared")).rejects.toThrow("role trust policy");
  });
});

describe("with a token of an identity provider", () => {
  const issuer = "token.actions.githubusercontent.com";
  const provider = aws.arn("iam", `oidc-provider/${issuer}`);
  const subject = "repo:our/repo:environment:dev";
  const trust = {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: [subject] },
    },
  };

  beforeAll(async () => {
    await new IAMClient(aws.config).send(
      new CreateOpenIDConnectProviderCommand({
        Url: `https://${issuer}`,
        ClientIDList: ["sts.amazonaws.com", "another"],
      }),
    );
  });

  /** As GitHub gives one to a job. */
  function token(claims: object = {}) {
    const given = {
      iss: `https://${issuer}`,
      aud: "sts.amazonaws.com",
      sub: subject,
      exp: Math.floor(Date.now() / 1000) + 300,
      ...claims,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "RS256" })}.${part(given)}.not-checked`;
  }

  const assume = (role: { arn: string }, WebIdentityToken: string) =>
    new STSClient({ endpoint: aws.endpoint, region: aws.region, maxAttempts: 1 }).send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: role.arn,
        RoleSessionName: "job",
        WebIdentityToken,
      }),
    );

  test("a role that trusts it is assumed, and may assume the next one", async () => {
    const ci = await assumedRole(aws, { trust: [trust] });
    const deploy = await assumedRole(aws, {
      statements: [allow("dynamodb:ListTables")],
      trust: [{ Effect: "Allow", Principal: { AWS: ci.arn }, Action: "sts:AssumeRole" }],
    });
    const { Credentials } = await assume(ci, token());
    const sts = new STSClient(sessionConfig(aws, Credentials));
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: `arn:aws:sts::${aws.accountId}:assumed-role/${ci.name}/job`,
    });
    const next = await sts.send(
      new AssumeRoleCommand({ RoleArn: deploy.arn, RoleSessionName: "deploy" }),
    );
    await new DynamoDBClient(sessionConfig(aws, next.Credentials)).send(new ListTablesCommand({}));
  });

  test.each([
    ["another subject", { sub: "repo:our/repo:environment:prod" }, "AccessDenied"],
    ["an audience that the role does not trust", { aud: "another" }, "AccessDenied"],
    ["an audience that the provider does not know", { aud: "x" }, "InvalidIdentityTokenException"],
    [
      "an issuer that the account does not know",
      { iss: "https://x" },
      "InvalidIdentityTokenException",
    ],
    ["an end in the past", { exp: 1 }, "ExpiredTokenException"],
    ["no end", { exp: undefined }, "InvalidIdentityTokenException"],
  ])("a token with %s is refused", async (_, claims, name) => {
    const ci = await assumedRole(aws, { trust: [trust] });
    await expect(assume(ci, token(claims))).rejects.toMatchObject({ name });
  });

  test("what is no token is refused", async () => {
    const ci = await assumedRole(aws, { trust: [trust] });
    await expect(assume(ci, "none.at.all")).rejects.toMatchObject({
      name: "InvalidIdentityTokenException",
    });
  });

  test("a role that does not trust it is refused", async () => {
    await expect(assume(await roleWith(aws, allowAll), token())).rejects.toThrow(
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
  });
});
