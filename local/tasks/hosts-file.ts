import { spawnSync } from "node:child_process";
import { constants, open } from "node:fs/promises";
import type { PrivateNames } from "./service-registries";

/** What every machine's own hosts file contains. */
const LOCALHOST = "127.0.0.1 localhost\n::1 localhost\n";

/**
 * Writes names and addresses into the hosts file that the tasks read.
 *
 * The file is written in place, because tasks have mounted this very file. Its old end is cut off after the new text
 * is written, so that no task finds it empty.
 */
export async function writeHostsFile(file: string, names: PrivateNames): Promise<void> {
  const lines = [...names].flatMap(([name, addresses]) =>
    addresses.map((address) => `${address} ${name}\n`),
  );
  const text = Buffer.from(LOCALHOST + lines.join(""));
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o644);
  try {
    await handle.write(text, 0, text.length, 0);
    await handle.truncate(text.length);
  } finally {
    await handle.close();
  }
}

const UNSHARE = "/usr/bin/unshare";
const MOUNT = "/usr/bin/mount";

/**
 * The command that runs another one with `hostsFile` in place of /etc/hosts. The program keeps its process id, its
 * user and its network, and gets a mount namespace of its own.
 */
export function withHostsFile(
  hostsFile: string,
  command: readonly [string, ...string[]],
): [string, ...string[]] {
  const { getuid, getgid } = process;
  const user = `--map-user=${getuid?.() ?? 0} --map-group=${getgid?.() ?? 0}`;
  const script = `${MOUNT} --bind "$0" /etc/hosts && exec ${UNSHARE} --user ${user} -- "$@"`;
  const asRoot = ["--user", "--map-root-user", "--mount"];
  return [UNSHARE, ...asRoot, "/bin/sh", "-c", script, hostsFile, ...command];
}

/** Whether this machine can run programs with another hosts file: on Linux, if the kernel allows user namespaces. */
export function canReplaceHostsFile(): boolean {
  const [file, ...args] = withHostsFile("/etc/hosts", ["/bin/sh", "-c", "exit 0"]);
  return spawnSync(file, args, { stdio: "ignore" }).status === 0;
}
