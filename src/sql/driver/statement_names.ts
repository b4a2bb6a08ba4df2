import type { Command, SentValue } from "../link/link.ts";

/** The names of prepared statements. Each has a version, which increases when the server must prepare the statement again. */
export interface Names {
  /** Returns the command with its current name. */
  of(command: Command): Command;
  /** Replaces a name that {@link Names.of} returned. */
  renew(name: string): void;
}

/**
 * The length of a text from which a statement is not prepared. A long text is a
 * list of many values, of which the plan that PostgreSQL keeps for a prepared
 * statement expects about ten: it would look up each of thousands in an index.
 */
const LONG_VALUE = 2_000;

/** Separates a name from its version. No name contains it. */
const VERSION = "~";

/** Creates the names for a pool of connections; without names if statements cannot be prepared. */
export function createNames(prepare: boolean): Names {
  const versions = new Map<string, number>();
  return {
    of(command) {
      if (!prepare || command.values.some(isLong)) {
        return { ...command, name: undefined };
      }
      const version = command.name === undefined
        ? undefined
        : versions.get(command.name);
      return version === undefined
        ? command
        : { ...command, name: `${command.name}${VERSION}${version}` };
    },
    renew(name) {
      const [base = name, version = "0"] = name.split(VERSION);
      const current = versions.get(base) ?? 0;
      // One change can make several running statements fail; they need only one new name.
      if (Number(version) === current) versions.set(base, current + 1);
    },
  };
}

function isLong(value: SentValue): boolean {
  return typeof value === "string" && value.length > LONG_VALUE;
}
