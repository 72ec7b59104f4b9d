import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";
import type { Config } from "../config";

/**
 * A logger that writes one JSON object per line. It uses no pino transport, because transports
 * start worker threads from files that the bundle does not contain.
 */
export function createLogger(level: Config["logLevel"], output: DestinationStream): Logger {
  const options = {
    level,
    // The log stream already identifies the task, so pid and hostname are left out.
    base: null,
    // The time is in milliseconds since 1970. Formatting a date would take a third of a line's
    // time.
    timestamp: stdTimeFunctions.epochTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, output);
}

/**
 * Opens stdout for log lines. Lines are buffered, because a separate write for each would double
 * its cost. They are written within a second, or by `flush`. Do not use `flushSync`: it retries for
 * ever when nothing reads stdout any more.
 */
export function openOutput() {
  return destination({ sync: true, minLength: 4096, periodicFlush: 1000 });
}
