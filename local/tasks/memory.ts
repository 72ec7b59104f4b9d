import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { platform } from "node:os";
import { promisify } from "node:util";
import { poll, type Polling } from "../poll";

const INTERVAL_MS = 1000;

/** A process, and its memory in bytes. */
interface Memory {
  readonly group: number;
  readonly read: () => Promise<number>;
}

interface Limit {
  readonly bytes: number;
  readonly onExceeded: () => void;
}

/** The limits of all containers, by process group. One look at the machine's processes per second serves all of them. */
const limits = new Map<number, Limit>();
let polling: Polling | undefined;

/**
 * Calls `onExceeded` when the processes of a group use more memory than the limit. A container's limit applies to all
 * of its processes together.
 *
 * @returns a function that ends this
 */
export function watchMemory(group: number, bytes: number, onExceeded: () => void): () => void {
  limits.set(group, { bytes, onExceeded });
  polling ??= poll(INTERVAL_MS, look, () => undefined);
  return () => {
    limits.delete(group);
    if (limits.size > 0) return;
    void polling?.stop();
    polling = undefined;
  };
}

async function look(): Promise<void> {
  const processes = platform() === "linux" ? processesOfLinux() : await processesOfPs();
  await Promise.all(
    [...limits].map(async ([group, { bytes, onExceeded }]) => {
      const own = processes.filter((process) => process.group === group);
      const used = await Promise.all(own.map(({ read }) => read()));
      if (used.reduce((total, each) => total + each, 0) > bytes) onExceeded();
    }),
  );
}

/** The memory of a process is its proportional set size (PSS), which divides a page among those that share it. */
function processesOfLinux(): Memory[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => ({ group: groupOf(pid), read: () => proportionalMemory(pid) }));
}

/** @returns NaN when the process has ended */
function groupOf(pid: string): number {
  // These files are in the kernel's memory. Reading hundreds of them asynchronously takes several times as long.
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program is in parentheses and may contain spaces. The state, parent and group follow it.
    const [, , group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return Number(group);
  } catch {
    return NaN;
  }
}

async function proportionalMemory(pid: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
}

/** Other systems have no PSS. The resident set size counts a shared page once for each process. */
async function processesOfPs(): Promise<Memory[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,rss="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [group = NaN, kibibytes = 0] = line.trim().split(/\s+/).map(Number);
      return { group, read: () => Promise.resolve(kibibytes * 1024) };
    });
}
