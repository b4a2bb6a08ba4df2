import {
  CheckError,
  DbPluginsError,
  DuplicateKeyError,
  LimitError,
  NO_MARK_WRITTEN,
  NOTHING_WRITTEN,
  type PartlyWritten,
  setMessage,
  ValidationError,
} from "../../../base/errors/mod.ts";
import type { Field } from "../../../model/field.ts";

/** The most keys that a message lists for each state. */
const LISTED_KEYS = 5;
/** The most keys that are kept for each state if the source of rows may be endless. */
const KEPT_KEYS = 100_000;

/** The state of a row after a failed bulk write. */
export type RowState = keyof PartlyWritten;

/** The rows of a bulk write by their state, for the error if it fails. */
export interface RowStates {
  /**
   * Adds rows.
   *
   * @param documents the rows' documents, or only the fields of their keys
   * @param key the fields that identify a row
   */
  add(
    state: RowState,
    documents: readonly object[],
    key?: readonly Field[],
  ): void;
  /**
   * Returns the error, with the states as its `partly` and in its message if any row was, or may have been, written.
   *
   * @param advice what to do, if a second call would not write the rest
   */
  attachTo(error: unknown, advice?: string): unknown;
}

/**
 * Creates an empty record of row states.
 *
 * @param key the fields that identify a row
 * @param isEndless whether to keep a limited number of keys
 * @param canIgnore whether the call has an option to ignore existing rows
 */
export function createRowStates(
  key: readonly Field[],
  isEndless: boolean,
  canIgnore: boolean,
): RowStates {
  const groups = {
    written: createGroup(isEndless),
    unwritten: createGroup(isEndless),
    unknown: createGroup(isEndless),
  };
  return {
    add(state, documents, fields = key) {
      groups[state].add(documents, fields);
    },
    attachTo(error, advice) {
      const { written, unwritten, unknown } = groups;
      if (!(error instanceof DbPluginsError)) return error;
      if (written.count() + unknown.count() === 0) return error;
      error.partly = {
        written: written.keys(),
        unwritten: unwritten.keys(),
        unknown: unknown.keys(),
      };
      const parts = [
        [written, "were written and stay", "was written and stays"],
        [unwritten, "were not written", "was not written"],
        [unknown, ...UNKNOWN_TEXTS],
      ] as const;
      const states = parts.filter(([group]) => group.count() > 0)
        .map(([group, many, one]) =>
          `${
            group.count() === 1
              ? `1 row ${one}`
              : `${group.count()} rows ${many}`
          }${group.text()}`
        );
      const problem = error.message.replace(NO_ROW, "");
      setMessage(
        error,
        `${problem}. ${states.join("; ")}. ${
          advice ?? repeatAdvice(error, canIgnore)
        }`,
      );
      return error;
    },
  };
}

/** The end of a message that is not true if a part of the rows was written. */
const NO_ROW = new RegExp(`\\. (?:${NOTHING_WRITTEN}|${NO_MARK_WRITTEN})$`);

const UNKNOWN_TEXTS = [
  "were sent without an answer and may or may not be written",
  "was sent without an answer and may or may not be written",
] as const;

/** How a second call writes the rest. */
function repeatAdvice(error: Error, canIgnore: boolean): string {
  const fix = isPermanent(error, canIgnore)
    ? "Fix the refused row, then run"
    : "Run";
  const option = canIgnore ? ' with onConflict: "ignore"' : "";
  return `${fix} the call again${option} to write the rest`;
}

/** Whether a second call would be refused for the same row. */
function isPermanent(error: Error, canIgnore: boolean): boolean {
  return error instanceof CheckError || error instanceof ValidationError ||
    error instanceof LimitError ||
    error instanceof DuplicateKeyError && !canIgnore;
}

/** The rows of one state. */
interface Group {
  add(documents: readonly object[], key: readonly Field[]): void;
  count(): number;
  keys(): readonly object[];
  /** The first keys, in parentheses. */
  text(): string;
}

function createGroup(isEndless: boolean): Group {
  const batches: (() => readonly object[])[] = [];
  let count = 0;
  const keys = (): readonly object[] => batches.flatMap((batch) => batch());
  return {
    add(documents, key) {
      const room = KEPT_KEYS - count;
      count += documents.length;
      if (key.length === 0) return;
      if (!isEndless) batches.push(keysLater(documents, key));
      else if (room > 0) batches.push(keysNow(documents.slice(0, room), key));
    },
    count: () => count,
    keys,
    text() {
      const listed = keys().slice(0, LISTED_KEYS).map((key) =>
        Object.entries(key).map(([name, value]) => `${name} ${value}`).join(" ")
      );
      if (listed.length === 0) return "";
      const more = count - listed.length;
      return ` (${listed.join(", ")}${more > 0 ? ` and ${more} more` : ""})`;
    },
  };
}

function keysLater(
  documents: readonly object[],
  key: readonly Field[],
): () => readonly object[] {
  return () => documents.map((document) => keyOf(document, key));
}

/** Keeps the values of the keys only, which take half the memory of an object for each key. */
function keysNow(
  documents: readonly object[],
  key: readonly Field[],
): () => readonly object[] {
  const { length } = documents;
  const values: (readonly unknown[])[] = [];
  // No closure may refer to the documents: the returned one would keep them.
  for (const { column } of key) values.push(valuesOf(documents, column));
  return () =>
    Array.from({ length }, (_, index) =>
      Object.fromEntries(
        key.map(({ name }, field) => [name, values[field]?.[index]]),
      ));
}

function valuesOf(
  documents: readonly object[],
  column: string,
): readonly unknown[] {
  return documents.map((document): unknown => Reflect.get(document, column));
}

function keyOf(document: object, key: readonly Field[]): object {
  return Object.fromEntries(
    key.map(({ name, column }) => [name, Reflect.get(document, column)]),
  );
}
