import {
  CheckError,
  DbPluginsError,
  DuplicateKeyError,
  type PartlyWritten,
  ValidationError,
} from "../../../base/errors/mod.ts";
import type { Field } from "../../../model/field.ts";

/** Keys that a message names. */
const NAMED = 5;
/** Keys that are kept of a source that may have no end. */
const KEPT = 100_000;

/** What becomes of a row. */
export type Fate = keyof PartlyWritten;

/** What a bulk write has done so far, for the error that says so. */
export interface Tally {
  /** Takes down what became of documents, which may hold no more than their keys. */
  add(
    fate: Fate,
    documents: readonly object[],
    key?: readonly Field[],
  ): void;
  /** An error that says it too, where something was written or may have been. */
  told(error: unknown): unknown;
}

/**
 * An empty tally.
 *
 * @param key the fields that name a row
 * @param endless whether no more may be held than some keys
 * @param ignores whether the call can be told to pass over rows whose key is taken
 */
export function createTally(
  key: readonly Field[],
  endless: boolean,
  ignores: boolean,
): Tally {
  const groups = {
    written: createGroup(endless),
    unwritten: createGroup(endless),
    unknown: createGroup(endless),
  };
  return {
    add(fate, documents, fields = key) {
      groups[fate].add(documents, fields);
    },
    told(error) {
      const { written, unwritten, unknown } = groups;
      if (!(error instanceof DbPluginsError)) return error;
      if (written.count() + unknown.count() === 0) return error;
      error.partly = {
        written: written.keys(),
        unwritten: unwritten.keys(),
        unknown: unknown.keys(),
      };
      const parts = [
        [written, "written and stay"],
        [unwritten, "not written"],
        [unknown, "on their way and may or may not be written"],
      ] as const;
      const said = parts.filter(([group]) => group.count() > 0)
        .map(([group, what]) =>
          `${group.count()} rows were ${what}${named(group)}`
        );
      error.message += `. ${said.join("; ")}. Running it again${
        ignores ? ' with onConflict: "ignore"' : ""
      } completes it${staysRefused(error, ignores) ? UNTIL_MENDED : ""}`;
      return error;
    },
  };
}

const UNTIL_MENDED = ", once what was refused is mended";

/** Whether the same row would be refused again. */
function staysRefused(error: Error, ignores: boolean): boolean {
  return error instanceof CheckError || error instanceof ValidationError ||
    error instanceof DuplicateKeyError && !ignores;
}

interface Group {
  add(documents: readonly object[], key: readonly Field[]): void;
  count(): number;
  keys(): readonly object[];
}

function createGroup(endless: boolean): Group {
  const held: (() => readonly object[])[] = [];
  let count = 0;
  return {
    add(documents, key) {
      const room = KEPT - count;
      count += documents.length;
      if (key.length === 0) return;
      if (!endless) held.push(() => documents.map((one) => keyOf(one, key)));
      else if (room > 0) {
        const keys = documents.slice(0, room).map((one) => keyOf(one, key));
        held.push(() => keys);
      }
    },
    count: () => count,
    keys: () => held.flatMap((keys) => keys()),
  };
}

function keyOf(document: object, key: readonly Field[]): object {
  return Object.fromEntries(
    key.map(({ name, column }) => [name, Reflect.get(document, column)]),
  );
}

function named(group: Group): string {
  const keys = group.keys();
  if (keys.length === 0) return "";
  const first = keys.slice(0, NAMED).map((key) =>
    Object.entries(key).map(([name, value]) => `${name} ${value}`).join(" ")
  );
  const more = group.count() - first.length;
  return ` (${first.join(", ")}${more > 0 ? ` and ${more} more` : ""})`;
}
