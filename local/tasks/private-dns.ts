import { readAfterChange, type Changes } from "../emulator/changes";
import { canReplaceHostsFile, writeHostsFile } from "./hosts-file";
import type { ServiceRegistries } from "./service-registries";

/** The names that tasks resolve. They are in a hosts file, which follows the registered tasks. */
export interface PrivateDns {
  /** Writes the hosts file again if registrations have changed. */
  refresh(): Promise<void>;
  /** The hosts file for tasks that start now, or undefined while there is no private DNS namespace. */
  hostsFile(): string | undefined;
}

/** Follows the private DNS namespaces of Cloud Map. */
export function followPrivateDns(props: {
  readonly registries: Pick<ServiceRegistries, "names">;
  readonly changes: Changes;
  /** The hosts file to write. */
  readonly file: string;
  /** Called once if there is a namespace, and the tasks on this machine cannot resolve its names. */
  readonly onUnsupported: () => void;
  /** Whether tasks can have another hosts file than this machine. @default canReplaceHostsFile */
  readonly isSupported?: () => boolean;
}): PrivateDns {
  const { registries, changes, file, onUnsupported, isSupported = canReplaceHostsFile } = props;
  let supported: boolean | undefined;
  let written = false;
  return {
    refresh: readAfterChange(changes, async () => {
      const names = await registries.names();
      if (names === undefined) return;
      if (supported === undefined) {
        supported = isSupported();
        if (!supported) onUnsupported();
      }
      if (!supported) return;
      await writeHostsFile(file, names);
      written = true;
    }),
    hostsFile: () => (written ? file : undefined),
  };
}
