import { createPublicKey, type JsonWebKey } from "node:crypto";
import { z } from "zod";
import type { TokenIssuer } from "./auth/token-verifier";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
const METRICS_FORMATS = ["emf", "off"] as const;
const AUTH_KINDS = ["bearer", "none"] as const;

const tableSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{3,255}$/)
  .optional();

/** Accepts public keys only, because a private key could be used to make tokens. */
const publicKeySchema = z
  .looseObject({ kty: z.enum(["RSA", "EC", "OKP"]), d: z.undefined().optional() })
  .refine(isKey);

const keySetSchema = z.strictObject({ keys: z.array(publicKeySchema).min(1) });

const envSchema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535)
    .default(8080),
  HOST: z.string().min(1).default("0.0.0.0"),
  ITEMS_TABLE: tableSchema,
  CLAIMS_TABLE: tableSchema,
  LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
  METRICS: z.enum(METRICS_FORMATS).default("off"),
  AUTH: z.enum(AUTH_KINDS).default("none"),
  AUTH_ISSUER: z.string().min(1).optional(),
  AUTH_AUDIENCE: z.string().min(1).optional(),
  AUTH_KEYS_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => new URL(url))
    .optional(),
  AUTH_KEYS: z.string().transform(parsedJson).pipe(keySetSchema).optional(),
});

type Env = Readonly<Record<string, string | undefined>>;
type Variable = keyof typeof envSchema.shape;

const TABLE = "the name of a DynamoDB table (3 to 255 of A-Z a-z 0-9 _ . -)";
const EXPECTED: Record<Variable, string> = {
  PORT: "an integer from 1 to 65535",
  HOST: "the address to listen on, such as 0.0.0.0",
  ITEMS_TABLE: `${TABLE}; to keep items in memory, set neither this nor CLAIMS_TABLE`,
  CLAIMS_TABLE: `${TABLE}; to keep items in memory, set neither this nor ITEMS_TABLE`,
  LOG_LEVEL: `one of ${LOG_LEVELS.join(", ")}`,
  METRICS: `one of ${METRICS_FORMATS.join(", ")}`,
  AUTH: `one of ${AUTH_KINDS.join(", ")}`,
  AUTH_ISSUER: `the issuer of access tokens (their iss), only when AUTH is bearer`,
  AUTH_AUDIENCE: `the audience of access tokens (their aud), only when AUTH is bearer`,
  AUTH_KEYS_URL: `the URL of the issuer's JSON Web Key Set, only when AUTH is bearer and AUTH_KEYS is not set`,
  AUTH_KEYS: `the issuer's public keys as a JSON Web Key Set, only when AUTH is bearer and AUTH_KEYS_URL is not set`,
};

/**
 * The names of the DynamoDB tables. `api/items/store/dynamodb-item-repository.ts` describes their
 * keys.
 */
export interface Tables {
  readonly itemsTable: string;
  readonly claimsTable: string;
}

/** The settings that the API reads from its environment variables. */
export interface Config {
  /** TCP port. @default 8080 */
  readonly port: number;
  /** Address to listen on. @default "0.0.0.0" */
  readonly host: string;
  /** The tables that hold the items. @default - items are kept in memory */
  readonly tables: Tables | undefined;
  /** The least severe level that is logged. @default "info" */
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** The format in which metrics are written to stdout. @default "off" */
  readonly metrics: (typeof METRICS_FORMATS)[number];
  /**
   * The issuer of the access tokens that requests to `/items` need. @default - requests need no
   * token
   */
  readonly tokenIssuer: TokenIssuer | undefined;
}

/** The API cannot start with its settings. The message says which setting to change, and how. */
export class ConfigError extends Error {}

/**
 * Reads the variables of `envSchema`. The AWS SDK reads region, endpoint and credentials
 * itself. Throws one `ConfigError` that lists every wrong variable.
 */
export function readConfig(env: Env): Config {
  const { data, error } = envSchema.safeParse(env);
  const wrong = new Set(error?.issues.map((issue) => issue.path[0] as Variable));
  if ((env.ITEMS_TABLE === undefined) !== (env.CLAIMS_TABLE === undefined)) {
    wrong.add(env.ITEMS_TABLE === undefined ? "ITEMS_TABLE" : "CLAIMS_TABLE");
  }
  for (const name of misplacedAuth(env)) wrong.add(name);
  if (data === undefined || wrong.size > 0) throw configError(wrong, env);
  const { PORT, HOST, ITEMS_TABLE, CLAIMS_TABLE, LOG_LEVEL, METRICS } = data;
  const tables =
    ITEMS_TABLE !== undefined && CLAIMS_TABLE !== undefined
      ? { itemsTable: ITEMS_TABLE, claimsTable: CLAIMS_TABLE }
      : undefined;
  const tokenIssuer = tokenIssuerOf(data);
  return { port: PORT, host: HOST, tables, logLevel: LOG_LEVEL, metrics: METRICS, tokenIssuer };
}

/**
 * The variables that are set but not allowed with this value of `AUTH`, and those that are required
 * but not set.
 */
function misplacedAuth(env: Env): Variable[] {
  const isSet = (name: Variable) => env[name] !== undefined;
  const settings: Variable[] = ["AUTH_ISSUER", "AUTH_AUDIENCE", "AUTH_KEYS_URL", "AUTH_KEYS"];
  if (env.AUTH !== "bearer") return settings.filter(isSet);
  const lacking = settings.slice(0, 2).filter((name) => !isSet(name));
  return isSet("AUTH_KEYS") === isSet("AUTH_KEYS_URL") ? [...lacking, "AUTH_KEYS"] : lacking;
}

function tokenIssuerOf(data: z.infer<typeof envSchema>): TokenIssuer | undefined {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, AUTH_KEYS, AUTH_KEYS_URL } = data;
  const keys = AUTH_KEYS ?? AUTH_KEYS_URL;
  return issuer && audience && keys ? { issuer, audience, keys } : undefined;
}

function isKey(key: JsonWebKey): boolean {
  try {
    createPublicKey({ key, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function configError(wrong: Iterable<Variable>, env: Env): ConfigError {
  const lines = [...wrong].map((name) => {
    const value = env[name];
    const found = value === undefined ? "not set" : JSON.stringify(value);
    return `${name} is ${found}, expected ${EXPECTED[name]}.`;
  });
  return new ConfigError(`${lines.join("\n")}\nCorrect the environment variables and start again.`);
}
