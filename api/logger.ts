import { destination, pino, stdTimeFunctions, type LevelWithSilent, type Logger } from "pino";

/**
 * A logger that writes one JSON object per line to stdout, synchronously, so that no line is lost or
 * out of order at exit. No transport: those start worker threads from files that a bundle has not.
 */
export function createLogger(level: LevelWithSilent): Logger {
  const options = {
    level,
    // The log stream already tells tasks apart: no pid, no hostname.
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination({ sync: true }));
}
