import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { setRandomValues } from "../../../local/deploy/secret-values";
import { readSecrets } from "../../../local/tasks/task-secrets";
import { allow, roleWith } from "../support/emulated-role";
import { useEmulator } from "../support/use-emulator";

const aws = useEmulator();
const root = new SecretsManagerClient(aws.config);

/** Creates a secret and returns its ARN. */
async function secret(Name: string, SecretString?: string) {
  const { ARN = "" } = await root.send(new CreateSecretCommand({ Name, SecretString }));
  return ARN;
}

/** Reads one secret with a role that may read the secrets whose ARNs match a pattern. */
async function read(valueFrom: string, pattern: string) {
  const { config } = await roleWith(
    aws,
    allow("secretsmanager:GetSecretValue", aws.arn("secretsmanager", `secret:${pattern}`)),
  );
  const { VALUE } = await readSecrets(config, [{ name: "VALUE", valueFrom }]);
  return VALUE;
}

test("a role reads the secrets that its policy names by a pattern, and no others", async () => {
  const arn = await secret("shop-dev-key", "open sesame");
  expect(await read(arn, "shop-dev-key-??????")).toBe("open sesame");
  await expect(read(arn, "shop-dev-??????")).rejects.toThrow(
    /^ResourceInitializationError: unable to pull secrets or registry auth: .*AccessDeniedException: User: \S+ is not authorized to perform: secretsmanager:GetSecretValue on resource: \S+secret:shop-dev-key-/,
  );
});

test("a secret that was named without the end of its ARN needs the same permission", async () => {
  await secret("shop-dev-named", "open sesame");
  expect(await read("shop-dev-named", "shop-dev-named-??????")).toBe("open sesame");
  await expect(read("shop-dev-named", "shop-dev-named")).rejects.toThrow("AccessDeniedException");
});

test("one key of a secret is read, and the latest value of it", async () => {
  const arn = await secret("database", JSON.stringify({ user: "app", port: 5432 }));
  expect(await read(`${arn}:user::`, "*")).toBe("app");
  expect(await read(`${arn}:port::`, "*")).toBe("5432");
  const SecretString = JSON.stringify({ user: "rotated" });
  await root.send(new PutSecretValueCommand({ SecretId: arn, SecretString }));
  expect(await read(`${arn}:user::`, "*")).toBe("rotated");
  expect(await read(`${arn}:user:AWSPREVIOUS:`, "*")).toBe("app");
});

test("a missing value, key, secret and JSON each stop the task with a reason without any value", async () => {
  const arn = await secret("text", "not-json-but-secret");
  for (const [valueFrom, reason] of [
    [
      await secret("empty"),
      /ResourceNotFoundException: Secrets Manager can.t find the specified secret value for staging label: AWSCURRENT/,
    ],
    [`${await secret("object", "{}")}:user::`, /did not contain json key user$/],
    [aws.arn("secretsmanager", "secret:none-AbCdEf"), /ResourceNotFoundException/],
    [`${arn}:user::`, /which is not JSON$/],
  ] as const) {
    const error = await read(valueFrom, "*").catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(reason);
    expect((error as Error).message).not.toContain("not-json-but-secret");
  }
});

test("on a local AWS, each secret gets a random value of its form", async () => {
  const arns = { "api-key": await secret("api-key"), login: await secret("login") };
  await setRandomValues(aws, [{ name: "api-key" }, { name: "login", keys: ["user", "password"] }], {
    secret_arns: arns,
  });
  const key = await read(arns["api-key"], "*");
  const user = await read(`${arns.login}:user::`, "*");
  const password = await read(`${arns.login}:password::`, "*");
  expect([key, user, password]).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{32}$/)));
  expect(new Set([key, user, password]).size).toBe(3);
});
