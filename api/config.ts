import { z } from "zod";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
const METRICS_FORMATS = ["emf", "off"] as const;

const tableSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{3,255}$/)
  .optional();

const environmentSchema = z.object({
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
});

type Environment = Readonly<Record<string, string | undefined>>;
type Variable = keyof typeof environmentSchema.shape;

const TABLE = "the name of a DynamoDB table (3 to 255 of A-Z a-z 0-9 _ . -)";
const EXPECTED: Record<Variable, string> = {
  PORT: "an integer from 1 to 65535",
  HOST: "the address to listen on, such as 0.0.0.0",
  ITEMS_TABLE: `${TABLE}, or neither it nor CLAIMS_TABLE to keep items in memory`,
  CLAIMS_TABLE: `${TABLE}, or neither it nor ITEMS_TABLE to keep items in memory`,
  LOG_LEVEL: `one of ${LOG_LEVELS.join(", ")}`,
  METRICS: `one of ${METRICS_FORMATS.join(", ")}`,
};

/** Names of the DynamoDB tables: `api/items/dynamodb-item-repository.ts` says what they hold. */
export interface Tables {
  readonly itemsTable: string;
  readonly claimsTable: string;
}

/** What the API is told by its environment. */
export interface Config {
  /** TCP port. @default 8080 */
  readonly port: number;
  /** Address to listen on. @default "0.0.0.0" */
  readonly host: string;
  /** Where items are kept. @default - in memory */
  readonly tables: Tables | undefined;
  /** Least severe level that is logged. @default "info" */
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** In which format metrics are written to stdout. @default "off" */
  readonly metrics: (typeof METRICS_FORMATS)[number];
}

/** The API cannot start as it was configured. The message says which setting to change, and how. */
export class ConfigError extends Error {}

/**
 * Reads `PORT`, `HOST`, `ITEMS_TABLE`, `CLAIMS_TABLE`, `LOG_LEVEL` and `METRICS`. Region, endpoint and
 * credentials are read by the AWS SDK itself. Throws one `ConfigError` that lists every wrong variable.
 */
export function readConfig(environment: Environment): Config {
  const { data, error } = environmentSchema.safeParse(environment);
  const wrong = new Set(error?.issues.map((issue) => issue.path[0] as Variable));
  if ((environment.ITEMS_TABLE === undefined) !== (environment.CLAIMS_TABLE === undefined)) {
    wrong.add(environment.ITEMS_TABLE === undefined ? "ITEMS_TABLE" : "CLAIMS_TABLE");
  }
  if (data === undefined || wrong.size > 0) throw configError(wrong, environment);
  const { PORT, HOST, ITEMS_TABLE, CLAIMS_TABLE, LOG_LEVEL, METRICS } = data;
  const tables =
    ITEMS_TABLE !== undefined && CLAIMS_TABLE !== undefined
      ? { itemsTable: ITEMS_TABLE, claimsTable: CLAIMS_TABLE }
      : undefined;
  return { port: PORT, host: HOST, tables, logLevel: LOG_LEVEL, metrics: METRICS };
}

function configError(wrong: Iterable<Variable>, environment: Environment): ConfigError {
  const lines = [...wrong].map((name) => {
    const value = environment[name];
    const found = value === undefined ? "not set" : JSON.stringify(value);
    return `${name} is ${found}, expected ${EXPECTED[name]}.`;
  });
  return new ConfigError(`${lines.join("\n")}\nCorrect the environment and start again.`);
}
