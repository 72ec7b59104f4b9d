import { createPublicKey } from "node:crypto";
import type { CapacityProviderShare } from "./capacity-provider-share";
import { FargateSize, fargateSizeProblem } from "./fargate-size";
import { mismatch, outside, type Problem, refuse } from "./problem";
import type { TableThroughput } from "./table-throughput";
import { LOG_RETENTION_DAYS } from "./log-retention";

/** The account id that stands for "not set yet": it can be planned for, never applied to. */
export const PLACEHOLDER_ACCOUNT = "000000000000";

/** What Day-0 made for this environment; see `foundation/network.yaml`. */
export interface Network {
  readonly vpcId: string;
  /** Where the load balancer stands: two or more, in different availability zones. */
  readonly publicSubnetIds: readonly string[];
  /** Where the tasks run: two or more, without a route to the internet. */
  readonly privateSubnetIds: readonly string[];
  /** The group of the interface endpoints, which tasks are let out to on 443. */
  readonly endpointSecurityGroupId: string;
}

/** How many tasks each service runs. */
export interface Scaling {
  /** At creation; afterwards autoscaling decides. */
  readonly desiredCount: number;
  readonly minCapacity: number;
  readonly maxCapacity: number;
  /** Average CPU use that autoscaling aims at. */
  readonly targetCpuPercent: number;
}

/** Who makes the access tokens that services of `auth` `bearer` ask for. */
export interface TokenIssuer {
  /** The `iss` of its tokens, such as `https://login.example.com/`. */
  readonly issuer: string;
  /** The `aud` of tokens for this platform, such as `https://inventory.example.com`. */
  readonly audience: string;
  readonly keys: TokenKeys;
}

/**
 * The issuer's public keys. The tasks have no way to the internet, so a `url` must be one that the
 * VPC's endpoints reach. With `inline`, new keys of the issuer take a deploy.
 */
export type TokenKeys =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "inline"; readonly keys: readonly PublicKey[] };

/** A JSON Web Key (RFC 7517), without its private part. */
export interface PublicKey {
  readonly kty: "RSA" | "EC" | "OKP";
  /** Names the key; a token names the one that it is signed with. */
  readonly kid: string;
  readonly [member: string]: string | undefined;
}

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
  const { name, account, region, network } = environment;
  yield* mismatch("name", name, /^[a-z][a-z0-9]{1,9}$/, "2 to 10 lower-case letters and digits");
  yield* mismatch("account", account, /^\d{12}$/, "12 digits");
  yield* mismatch("region", region, /^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as eu-west-1");
  yield* networkProblems(network);
  const size = fargateSizeProblem(environment.taskSize);
  if (size) yield { ...size, field: `taskSize.${size.field}` };
  yield* scalingProblems(environment.scaling);
  yield* strategyProblems(environment.capacityProviderStrategy);
  yield* throughputProblems(environment.tableThroughput);
  yield* unlisted("logRetentionDays", environment.logRetentionDays, LOG_RETENTION_DAYS);
  yield* outside("keptImages", environment.keptImages, 1, 1000);
  if (environment.tokenIssuer) yield* issuerProblems(environment, environment.tokenIssuer);
  if (environment.unauthenticated !== undefined) {
    yield* mismatch("unauthenticated", environment.unauthenticated, /\w.*\w/, "a reason");
  }
}

function* networkProblems(network: Network): Iterable<Problem> {
  yield* mismatch("network.vpcId", network.vpcId, resourceId("vpc"), "an id such as vpc-0a1b2c3d");
  yield* mismatch(
    "network.endpointSecurityGroupId",
    network.endpointSecurityGroupId,
    resourceId("sg"),
    "an id such as sg-0a1b2c3d",
  );
  for (const field of ["publicSubnetIds", "privateSubnetIds"] as const) {
    const ids = network[field];
    if (new Set(ids).size < 2) {
      yield { field: `network.${field}`, value: ids, allowed: "two or more different subnets" };
    }
    for (const id of ids) {
      yield* mismatch(`network.${field}`, id, resourceId("subnet"), "ids such as subnet-0a1b2c3d");
    }
  }
  const shared = network.publicSubnetIds.filter((id) => network.privateSubnetIds.includes(id));
  if (shared.length > 0) {
    yield {
      field: "network.privateSubnetIds",
      value: shared,
      allowed: "subnets that are not in network.publicSubnetIds too",
    };
  }
}

function* issuerProblems(
  { singleEndpoint }: Environment,
  { issuer, audience, keys }: TokenIssuer,
): Iterable<Problem> {
  const url = singleEndpoint ? /^https?:\/\/\S+$/ : /^https:\/\/\S+$/;
  const allowed = "an https URL, such as https://login.example.com/";
  yield* mismatch("tokenIssuer.issuer", issuer, url, allowed);
  yield* mismatch("tokenIssuer.audience", audience, /^\S+$/, "a text without spaces");
  if (keys.kind === "url") {
    yield* mismatch("tokenIssuer.keys.url", keys.url, url, allowed);
    return;
  }
  if (keys.keys.length === 0) {
    yield { field: "tokenIssuer.keys.keys", value: [], allowed: "one key or more" };
  }
  for (const key of keys.keys) {
    // Only the key's name is shown, because a private part is a secret.
    if (key.d !== undefined || !isKey(key)) {
      yield {
        field: "tokenIssuer.keys.keys",
        value: key.kid,
        allowed: "a whole public JSON Web Key, without its private part d",
      };
    }
  }
}

function isKey(key: PublicKey) {
  try {
    createPublicKey({ key, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function* scalingProblems(scaling: Scaling): Iterable<Problem> {
  const { desiredCount, minCapacity, maxCapacity } = scaling;
  yield* outside("scaling.minCapacity", minCapacity, 0, 5000);
  yield* outside("scaling.maxCapacity", maxCapacity, 1, 5000);
  yield* outside("scaling.targetCpuPercent", scaling.targetCpuPercent, 1, 100);
  if (minCapacity > maxCapacity) {
    yield {
      field: "scaling.minCapacity",
      value: minCapacity,
      allowed: `at most scaling.maxCapacity (${maxCapacity})`,
    };
  } else {
    yield* outside("scaling.desiredCount", desiredCount, minCapacity, maxCapacity);
  }
}

/** 40,000 of each is what AWS grants a table without a request to raise it. */
function* throughputProblems({ maxReadUnits, maxWriteUnits }: TableThroughput) {
  yield* outside("tableThroughput.maxReadUnits", maxReadUnits, 1, 40_000);
  yield* outside("tableThroughput.maxWriteUnits", maxWriteUnits, 1, 40_000);
}

function* strategyProblems(strategy: readonly CapacityProviderShare[]): Iterable<Problem> {
  const field = "capacityProviderStrategy";
  for (const [i, { capacityProvider, weight, base = 0 }] of strategy.entries()) {
    yield* outside(`${field}.${capacityProvider}.weight`, weight, 0, 1000);
    yield* outside(`${field}.${capacityProvider}.base`, base, 0, 100_000);
    if (strategy.findIndex((other) => other.capacityProvider === capacityProvider) < i) {
      yield { field, value: capacityProvider, allowed: "each capacity provider once" };
    }
  }
  if (strategy.filter(({ base = 0 }) => base > 0).length > 1) {
    yield { field, value: strategy, allowed: "a base for one capacity provider at most" };
  }
  if (!strategy.some(({ weight }) => weight > 0)) {
    yield {
      field: "capacityProviderStrategy",
      value: strategy,
      allowed: "one capacity provider or more with a weight above 0",
    };
  }
}

const resourceId = (prefix: string) => new RegExp(`^${prefix}-[0-9a-f]{8,17}$`);

function* unlisted(field: string, value: number, allowed: readonly number[]) {
  if (!allowed.includes(value)) yield { field, value, allowed: `one of ${allowed.join(", ")}` };
}
