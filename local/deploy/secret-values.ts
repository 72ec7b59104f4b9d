import { randomBytes } from "node:crypto";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Secret } from "../../model/secret";
import { clientConfig, type LocalAws } from "../emulator/aws";

/** The outputs of the `secrets` state: the ARNs by the names of the secrets. */
interface Outputs {
  readonly secret_arns: Readonly<Record<string, string>>;
}

/** Gives each secret a random value, as a person does on AWS. A secret with keys gets a random text for each key. */
export async function setRandomValues(
  aws: LocalAws,
  secrets: readonly Secret[],
  { secret_arns: arns }: Outputs,
) {
  const client = new SecretsManagerClient(clientConfig(aws));
  for (const { name, keys } of secrets) {
    const SecretString = keys
      ? JSON.stringify(Object.fromEntries(keys.map((key) => [key, randomText()])))
      : randomText();
    await client.send(new PutSecretValueCommand({ SecretId: arns[name], SecretString }));
  }
  client.destroy();
}

const randomText = () => randomBytes(16).toString("hex");
