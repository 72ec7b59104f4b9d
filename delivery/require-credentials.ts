import { S3Client } from "@aws-sdk/client-s3";
import { forApp } from "./app";

/** @throws when the AWS SDK finds no credentials; the message says what to do */
export async function requireCredentials() {
  // The client is used only to look the credentials up, so its region does not matter.
  const client = new S3Client({ region: "us-east-1" });
  try {
    await client.config.credentials();
  } catch (error) {
    throw new Error(
      `There are no AWS credentials: ${(error as Error).message}\nSign in first, for example with "aws sso login" and AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Without an AWS account: ${forApp("npm run plan -- <environment> --local")}`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}
