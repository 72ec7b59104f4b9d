// That a later SDK will need Node 22 is no news for who deploys on a laptop: the lockfile pins ours.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** Where the local AWS is. */
export interface LocalAws {
  /** The one URL that all its services answer on: `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/** The key that the local AWS takes for the account's root. */
const ROOT_CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

/** Configures any SDK client as the local account's root. S3 clients need `forcePathStyle` besides. */
export function clientConfig({ endpoint, region }: LocalAws) {
  return { endpoint, region, credentials: ROOT_CREDENTIALS };
}

/** Points a child process, such as Terraform, at the local AWS as the account's root. */
export function environmentVariables({ endpoint, region }: LocalAws): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: ROOT_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT_CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
