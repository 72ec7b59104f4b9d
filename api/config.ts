import { z } from "zod";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

const environmentSchema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535)
    .default(8080),
  HOST: z.string().min(1).default("0.0.0.0"),
  ITEMS_TABLE: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{3,255}$/)
    .optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
});

type Variable = keyof typeof environmentSchema.shape;

const EXPECTED: Record<Variable, string> = {
  PORT: "an integer from 1 to 65535",
  HOST: "the address to listen on, such as 0.0.0.0",
  ITEMS_TABLE:
    "the name of a DynamoDB table (3 to 255 of A-Z a-z 0-9 _ . -), or no such variable to keep items in memory",
  LOG_LEVEL: `one of ${LOG_LEVELS.join(", ")}`,
};

/** What the API is told by its environment. */
export interface Config {
  /** TCP port. @default 8080 */
  readonly port: number;
  /** Address to listen on. @default "0.0.0.0" */
  readonly host: string;
  /** DynamoDB table of the items. @default - items are kept in memory */
  readonly itemsTable: string | undefined;
  /** Least severe level that is logged. @default "info" */
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** The API cannot start as it was configured. The message says which setting to change, and how. */
export class ConfigError extends Error {}

/**
 * Reads `PORT`, `HOST`, `ITEMS_TABLE` and `LOG_LEVEL`. Region, endpoint and credentials are read by
 * the AWS SDK itself. Throws one `ConfigError` that lists every wrong variable.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const result = environmentSchema.safeParse(environment);
  if (!result.success) {
    const wrong = new Set(result.error.issues.map((issue) => issue.path[0] as Variable));
    const lines = [...wrong].map(
      (name) => `${name} is ${JSON.stringify(environment[name])}, expected ${EXPECTED[name]}.`,
    );
    throw new ConfigError(`${lines.join("\n")}\nCorrect the environment and start again.`);
  }
  const { PORT, HOST, ITEMS_TABLE, LOG_LEVEL } = result.data;
  return { port: PORT, host: HOST, itemsTable: ITEMS_TABLE, logLevel: LOG_LEVEL };
}
