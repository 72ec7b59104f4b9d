import { type CapacityProviderShare, strategyProblems } from "./capacity-provider-share";
import { type FargateSize, fargateSizeProblem } from "./fargate-size";
import { logRetentionProblems } from "./log-retention";
import { type Network, networkProblems } from "./network";
import { mismatch, outside, type Problem, refuse } from "./problem";
import { type Scaling, scalingProblems } from "./scaling";
import { type TableThroughput, throughputProblems } from "./table-throughput";
import { type TokenIssuer, tokenIssuerProblems } from "./token-issuer";

/** The account id of an environment that has no account yet. Terraform can plan for it but not apply. */
export const PLACEHOLDER_ACCOUNT = "000000000000";

/** The deployment environment of a platform: its account, region, network and sizes. */
export interface Environment {
  /** The file that defines the environment. It passes its `__filename`, so that errors can name it. */
  readonly file: string;
  /** A short name in lower case. It is part of every resource name and of every stack id. */
  readonly name: string;
  /** 12 digits, or `PLACEHOLDER_ACCOUNT` until the environment has an account. */
  readonly account: string;
  readonly region: string;
  readonly network: Network;
  /** CPU and memory of each task. A service can override them with its own `size`. */
  readonly taskSize: FargateSize;
  readonly scaling: Scaling;
  readonly capacityProviderStrategy: readonly CapacityProviderShare[];
  /** The limit for each table and each index. It bounds what a flood of requests costs. */
  readonly tableThroughput: TableThroughput;
  readonly logRetentionDays: number;
  /** How many tagged images each repository keeps. */
  readonly keptImages: number;
  /** Whether AWS refuses to delete the load balancer, the tables and repositories that contain images. */
  readonly deletionProtection: boolean;
  /** @default - none, and then no service can have `auth: "bearer"` */
  readonly tokenIssuer?: TokenIssuer;
  /**
   * The reason why services may accept requests without authentication although `deletionProtection` is on.
   *
   * @default - services need authentication when `deletionProtection` is on
   */
  readonly unauthenticated?: string;
  /**
   * Whether all AWS services answer at one host name and port, as in the local AWS. Terraform then addresses
   * buckets by path, and makes few attempts, so that an unsupported action fails at once instead of after
   * minutes of retries.
   *
   * @default false
   */
  readonly singleEndpoint?: boolean;
}

/**
 * Checks an environment and returns it.
 *
 * @throws one error for all problems. For each, it names the file, the field, its value and what is allowed.
 */
export function defineEnvironment(environment: Environment): Environment {
  refuse(environment.file, problemsOf(environment));
  return environment;
}

function* problemsOf(environment: Environment): Iterable<Problem> {
  const { name, account, region, network, tokenIssuer, unauthenticated } = environment;
  yield* mismatch("name", name, /^[a-z][a-z0-9]{1,9}$/, "2 to 10 lower-case letters and digits");
  yield* mismatch("account", account, /^\d{12}$/, "12 digits");
  yield* mismatch("region", region, /^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as eu-west-1");
  yield* networkProblems(network);
  const size = fargateSizeProblem(environment.taskSize);
  if (size) yield { ...size, field: `taskSize.${size.field}` };
  yield* scalingProblems(environment.scaling);
  yield* strategyProblems(environment.capacityProviderStrategy);
  yield* throughputProblems(environment.tableThroughput);
  yield* logRetentionProblems("logRetentionDays", environment.logRetentionDays);
  yield* outside("keptImages", environment.keptImages, 1, 1000);
  if (tokenIssuer) yield* tokenIssuerProblems(tokenIssuer, environment.singleEndpoint === true);
  if (unauthenticated !== undefined) {
    yield* mismatch("unauthenticated", unauthenticated, /\w.*\w/, "a reason");
  }
}
