import {
  hasWords,
  name,
  outermost,
  type Reader,
  rest,
  sees,
  takes,
} from "../file/reader.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** `UPDATE` of all rows at once, `VACUUM FULL`, `REINDEX`, `DROP INDEX`. */
export function* heavy(
  reader: Reader,
  { seen, repeat }: Context,
): Generator<Finding> {
  const at = { ...reader };
  if (takes(reader, "update")) {
    takes(reader, "only");
    const table = name(reader);
    if (repeat || table === undefined || seen.tables.has(shown(table))) return;
    if (hasWords(outermost(rest(reader)), "where")) return;
    yield finding(
      at,
      "update-whole-table",
      `UPDATE of all rows of ${
        shown(table)
      } locks them until the last is done; write -- dbp:step repeat and WHERE ctid IN (SELECT ctid FROM ${
        shown(table)
      } WHERE … LIMIT 10000)`,
    );
  } else if (takes(reader, "vacuum")) {
    if (!sees(reader, "full") && !fullOption(reader)) return;
    yield finding(at, "vacuum-full", vacuumProblem("VACUUM FULL"));
  } else if (takes(reader, "cluster")) {
    yield finding(at, "vacuum-full", vacuumProblem("CLUSTER"));
  } else if (takes(reader, "reindex")) {
    if (hasWords(rest(reader), "concurrently")) return;
    yield finding(
      at,
      "reindex",
      "REINDEX stops writes of the table until it is built; write -- dbp:step tx=none lock_timeout=0 and REINDEX … CONCURRENTLY",
    );
  } else if (takes(reader, "drop", "index")) {
    yield* dropIndex(reader, seen.indexes);
  }
}

function* dropIndex(
  reader: Reader,
  made: ReadonlySet<string>,
): Generator<Finding> {
  const at = { ...reader };
  if (takes(reader, "concurrently")) return;
  takes(reader, "if", "exists");
  const index = name(reader);
  if (index === undefined || made.has(shown(index))) return;
  yield finding(
    at,
    "drop-index",
    `DROP INDEX waits for, and stops, all reading of the table; write -- dbp:step tx=none lock_timeout=0 and DROP INDEX CONCURRENTLY ${
      shown(index)
    }`,
  );
}

function fullOption(reader: Reader): boolean {
  return sees(reader, "(") && hasWords(rest(reader), "full");
}

function vacuumProblem(what: string): string {
  return `${what} writes the table anew while nobody else can use it; say dbp:ignore vacuum-full <why>`;
}
