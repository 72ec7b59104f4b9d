/** What Ctrl-C, or a job that is cancelled, does to a script: it ends, with all that it has started. */
const end = () => process.exit(130);

let onInterrupt: () => void = end;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    onInterrupt();
  });
}

/**
 * Does work that may not be cut off in the middle. An interrupt is told to `onFirst`, once; further
 * ones do nothing, as the second would make Terraform drop what it is doing.
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
