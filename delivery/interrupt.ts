/** By default, Ctrl-C or a cancelled job ends the script and the processes that it has started. */
const end = () => process.exit(130);

let onInterrupt: () => void = end;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    onInterrupt();
  });
}

/**
 * Does work that must not be cut off in the middle. The first interrupt calls `onFirst`. Further interrupts do
 * nothing, because a second one would make Terraform stop at once.
 */
export async function uncut<T>(onFirst: () => void, work: () => Promise<T>): Promise<T> {
  let told = false;
  onInterrupt = () => {
    if (!told) onFirst();
    told = true;
  };
  try {
    return await work();
  } finally {
    onInterrupt = end;
  }
}
