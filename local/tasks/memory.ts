import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { platform } from "node:os";
import { promisify } from "node:util";

/** The memory of all processes of a group, in bytes. A container's limit applies to all of its processes together. */
export function memoryOfGroup(group: number): Promise<number> {
  return platform() === "linux" ? proportionalMemory(group) : residentMemory(group);
}

/** Sums the proportional set size (PSS), which divides a page among the processes that share it. Only Linux has it. */
async function proportionalMemory(group: number): Promise<number> {
  const entries = await readdir("/proc");
  const kibibytes = await Promise.all(
    entries
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (pid) => {
        if ((await groupOf(pid)) !== group) return 0;
        const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
        return Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
      }),
  );
  return sum(kibibytes) * 1024;
}

/** @returns undefined when the process has ended */
async function groupOf(pid: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The name of the program is in parentheses and may contain spaces. The state, parent and group follow it.
  const [, , group] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return group === undefined ? undefined : Number(group);
}

/** Sums the resident set size, in which a shared page counts once for each process. It is for systems without PSS. */
async function residentMemory(group: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,rss="]);
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return sum(processes.map(([id, kibibytes = 0]) => (id === group ? kibibytes : 0))) * 1024;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
