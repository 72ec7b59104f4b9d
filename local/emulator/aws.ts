// The SDK warns that a later version will need Node 22. Users of the local AWS need no such
// warning, because the lockfile pins the version.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** The credentials of the root, of a user, or of a session of a role. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only the credentials of a session have a token. */
  readonly sessionToken?: string;
}

/** The address of the local AWS, and the credentials for it. */
export interface LocalAws {
  /** The URL of all its services: `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The credentials of the account's root, unless they were replaced by others. */
  readonly credentials: Credentials;
  /** The secret of the control endpoint. No AWS API accepts it. */
  readonly controlSecret: string;
}

/** The configuration of any SDK client. S3 clients also need `forcePathStyle`. */
export function clientConfig({ endpoint, region, credentials }: LocalAws) {
  return { endpoint, region, credentials };
}

/** Environment variables that make a child process, such as Terraform, use the local AWS. */
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

/** The same variables as shell commands, with one `export` per line. */
export function shellExports(variables: Readonly<Record<string, string>>): string {
  const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join("");
}
