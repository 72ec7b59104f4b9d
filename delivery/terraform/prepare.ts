import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { makePrivateFolder } from "../private-files";
import { providerSource } from "./provider-source";

const LOCAL = join(__dirname, "..", "..", ".local");

/**
 * Lets every Terraform that this process starts find the AWS provider as `npm start` does.
 *
 * @throws when there are no AWS credentials, before each Terraform would say so by itself
 */
export async function prepareTerraform() {
  await requireCredentials();
  makePrivateFolder(LOCAL);
  Object.assign(process.env, providerSource({ directory: join(LOCAL, "tools") }));
}

async function requireCredentials() {
  // The client is only asked for credentials, which are of no region.
  const client = new S3Client({ region: "us-east-1" });
  try {
    await client.config.credentials();
  } catch (error) {
    throw new Error(
      `There are no AWS credentials: ${(error as Error).message}\nSign in first, for example with "aws sso login" and AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Without an AWS account: npm run plan -- <environment> --local`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}
