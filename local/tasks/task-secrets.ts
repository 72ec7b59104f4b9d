import type { Secret } from "@aws-sdk/client-ecs";
import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from "@aws-sdk/client-secrets-manager";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that Fargate's agent waits before its second attempt to read a secret. */
const RETRY_MS = 1000;

/**
 * Reads the secrets of a container like Fargate's agent before it starts the container.
 *
 * @param config the client configuration of the agent, which uses the execution role
 * @param signal aborts the wait for the second attempt
 * @returns the values by the variables of the container
 * @throws Error whose message has the wording of ECS's stopped reason for the task
 */
export async function readSecrets(
  config: SecretsManagerClientConfig,
  secrets: readonly Secret[],
  signal?: AbortSignal,
): Promise<Record<string, string>> {
  const client = new SecretsManagerClient(config);
  try {
    const values = secrets.map(async ({ name = "", valueFrom = "" }) => {
      const read = () => readValue(client, valueFrom);
      const value = await read().catch(async () => {
        await sleep(RETRY_MS, undefined, { signal });
        return read();
      });
      return [name, value] as const;
    });
    return Object.fromEntries(await Promise.all(values));
  } catch (error) {
    throw new Error(
      "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: " +
        `unable to retrieve secret from asm: service call has been retried 1 time(s): ${(error as Error).message}`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}

/**
 * @param reference the ARN of a secret, or `<arn>:<key>:<version stage>:<version id>`, whose parts may be empty
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
async function readValue(client: SecretsManagerClient, reference: string): Promise<string> {
  const parts = reference.split(":");
  const [key, stage, version] = parts.slice(ARN_PARTS);
  const arn = parts.slice(0, ARN_PARTS).join(":");
  const { SecretString = "" } = await client
    .send(
      new GetSecretValueCommand({
        SecretId: arn,
        VersionStage: stage || undefined,
        VersionId: version || undefined,
      }),
    )
    .catch((error: unknown) => {
      const { name, message } = error as Error;
      throw new Error(`failed to fetch secret ${arn} from secrets manager: ${name}: ${message}`);
    });
  return key ? valueOfKey(SecretString, key) : SecretString;
}

/** `arn:<partition>:secretsmanager:<region>:<account>:secret:<name>` */
const ARN_PARTS = 7;

function valueOfKey(secret: string, key: string): string {
  const value = parsed(secret)[key];
  if (value === undefined) {
    throw new Error(`retrieved secret from Secrets Manager did not contain json key ${key}`);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

// The error of JSON.parse would contain a part of the secret's value.
function parsed(secret: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(secret) as Record<string, unknown>;
  } catch {
    throw new Error("invalid character in the secret's value, which is not JSON");
  }
}
