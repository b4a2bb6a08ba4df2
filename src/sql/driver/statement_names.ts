import type { Command } from "../link/link.ts";

/** Names of prepared statements, each with a number that goes up when the server must prepare it anew. */
export interface Names {
  /** The command under the name that is good now. */
  of(command: Command): Command;
  /** Makes a name, as {@link Names.of} gave it, no longer good. */
  renew(name: string): void;
}

/** Names for one pool of connections; none where statements may not be prepared. */
export function createNames(prepare: boolean): Names {
  const versions = new Map<string, number>();
  return {
    of(command) {
      if (!prepare) return { ...command, name: undefined };
      const version = command.name === undefined
        ? undefined
        : versions.get(command.name);
      return version === undefined
        ? command
        : { ...command, name: `${command.name}_${version}` };
    },
    renew(name) {
      const [, base = name, version = "0"] = /^(.*\d)_(\d+)$/.exec(name) ?? [];
      const current = versions.get(base) ?? 0;
      // Several statements under way fail of one change; one new name is enough.
      if (Number(version) === current) versions.set(base, current + 1);
    },
  };
}
