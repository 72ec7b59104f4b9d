// That a later SDK will need Node 22 is no news for who deploys on a laptop: the lockfile pins ours.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** Of the root, of a user, or of a role's session. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a session. */
  readonly sessionToken?: string;
}

/** Where the local AWS is, and who asks it. */
export interface LocalAws {
  /** The one URL that all its services answer on: `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The account's root, unless somebody else asks. */
  readonly credentials: Credentials;
  /** What the control endpoint asks for. No AWS API takes it. */
  readonly controlSecret: string;
}

/** Configures any SDK client. S3 clients need `forcePathStyle` besides. */
export function clientConfig({ endpoint, region, credentials }: LocalAws) {
  return { endpoint, region, credentials };
}

/** Points a child process, such as Terraform, at the local AWS. */
export function environmentVariables(aws: LocalAws): Record<string, string> {
  const { endpoint, region, credentials } = aws;
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && {
      AWS_SESSION_TOKEN: credentials.sessionToken,
    }),
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** The same as shell commands, one `export` a line. */
export function shellExports(variables: Readonly<Record<string, string>>): string {
  const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join("");
}
