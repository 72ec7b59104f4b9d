import { type CapacityProviderShare, strategyProblems } from "./capacity-provider-share";
import { type FargateSize, fargateSizeProblem } from "./fargate-size";
import { logRetentionProblems } from "./log-retention";
import { type Network, networkProblems } from "./network";
import { mismatch, outside, type Problem, refuse } from "./problem";
import { type Scaling, scalingProblems } from "./scaling";
import { type TableThroughput, throughputProblems } from "./table-throughput";
import { type TokenIssuer, tokenIssuerProblems } from "./token-issuer";

/** The account id that stands for "not set yet": it can be planned for, never applied to. */
export const PLACEHOLDER_ACCOUNT = "000000000000";

/** Where a platform is deployed: account, region, network, sizes. */
export interface Environment {
  /** The file that defines it, which is `__filename` there: errors name it. */
  readonly file: string;
  /** Short, lower case: part of every name and of every stack id. */
  readonly name: string;
  /** 12 digits; `PLACEHOLDER_ACCOUNT` until there is one. */
  readonly account: string;
  readonly region: string;
  readonly network: Network;
  /** A service of other needs overrides it with its own `size`. */
  readonly taskSize: FargateSize;
  readonly scaling: Scaling;
  readonly capacityProviderStrategy: readonly CapacityProviderShare[];
  /** Of each table and each index; it bounds what a flood of requests costs. */
  readonly tableThroughput: TableThroughput;
  readonly logRetentionDays: number;
  /** Tagged images that stay in each repository. */
  readonly keptImages: number;
  /** Whether load balancer, tables and repositories with images refuse to be deleted. */
  readonly deletionProtection: boolean;
  /** @default - none, so that no service can have `auth` `bearer` */
  readonly tokenIssuer?: TokenIssuer;
  /**
   * Why services may answer everybody here, although `deletionProtection` says that data are worth
   * protecting. @default - they may not
   */
  readonly unauthenticated?: string;
  /**
   * An AWS that answers on one host name and one port: buckets are addressed by path, and an
   * action that it lacks is an error at once instead of minutes of retries.
   *
   * @default false
   */
  readonly singleEndpoint?: boolean;
}

/**
 * Checks an environment and gives it back.
 *
 * @throws one error that names file, field, value and what is allowed, for all that is wrong.
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
