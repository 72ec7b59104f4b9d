import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";
import type { Config } from "../config";

/**
 * A logger that writes one JSON object per line. No transport: those start worker threads from files
 * that a bundle has not.
 */
export function createLogger(level: Config["logLevel"], output: DestinationStream): Logger {
  const options = {
    level,
    // The log stream already tells tasks apart: no pid, no hostname.
    base: null,
    // Milliseconds since 1970: to format a date would take a third of a line's time.
    timestamp: stdTimeFunctions.epochTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, output);
}

/**
 * Stdout, for lines: they are gathered, as a write of its own for each would take as long as all else
 * about it, and written within a second, or by `flush`. Not by `flushSync`: where nobody reads any
 * more, that tries for ever.
 */
export function openOutput() {
  return destination({ sync: true, minLength: 4096, periodicFlush: 1000 });
}
