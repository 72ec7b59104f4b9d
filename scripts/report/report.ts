/** What planning the states of one environment came to: what is reviewed, compared and shown. */
export interface Report {
  readonly environment: string;
  /** The image that it was planned with: a commit SHA or a digest. */
  readonly imageTag: string;
  /** In the order in which they are deployed. */
  readonly states: readonly StateReport[];
}

export interface StateReport {
  /** `<environment>-<state>`. */
  readonly state: string;
  /** `waits`: cannot be planned before another state, which it reads, has been deployed. */
  readonly outcome: "no changes" | "changes" | "waits" | "error";
  /** What Terraform said of an error, or the name of the state that it waits for; else empty. */
  readonly detail: string;
  readonly changes: readonly ResourceChange[];
  /** Terraform's own words for people, without colors; empty when there is no plan. */
  readonly plan: string;
}

export interface ResourceChange {
  /** Of the resource, such as `aws_lb.load_balancer`, or of an output: `output.dns_name`. */
  readonly address: string;
  readonly action: Action;
  /** Whether data is lost with it: a table, a bucket, a key, a repository, a log group. */
  readonly stateful: boolean;
  /** The attributes that differ. Sensitive values are `(sensitive)`, unknown ones `(known after apply)`. */
  readonly attributes: Readonly<
    Record<string, { readonly before: unknown; readonly after: unknown }>
  >;
}

export type Action = "add" | "change" | "replace" | "destroy" | "forget" | "read";
