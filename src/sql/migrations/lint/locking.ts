import {
  hasWords,
  isNext,
  name,
  outermost,
  type Reader,
  rest,
  skip,
} from "../file/reader.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** Checks an `UPDATE` of all rows, `VACUUM FULL`, `CLUSTER`, `REINDEX` and `DROP INDEX`. */
export function* locking(
  reader: Reader,
  { seen, repeat }: Context,
): Generator<Finding> {
  const at = { ...reader };
  if (skip(reader, "update")) {
    skip(reader, "only");
    const table = name(reader);
    if (repeat || table === undefined || seen.tables.has(shown(table))) return;
    if (hasWords(outermost(rest(reader)), "where")) return;
    yield finding(
      at,
      "update-whole-table",
      `UPDATE of all rows of ${
        shown(table)
      } locks each row until the last one is changed. Write -- dbp:step repeat and WHERE ctid IN (SELECT ctid FROM ${
        shown(table)
      } WHERE … LIMIT 10000)`,
    );
  } else if (skip(reader, "vacuum")) {
    if (!isNext(reader, "full") && !fullOption(reader)) return;
    yield finding(at, "vacuum-full", vacuumProblem("VACUUM FULL"));
  } else if (skip(reader, "cluster")) {
    yield finding(at, "vacuum-full", vacuumProblem("CLUSTER"));
  } else if (skip(reader, "reindex")) {
    if (hasWords(rest(reader), "concurrently")) return;
    yield finding(
      at,
      "reindex",
      "REINDEX blocks writes to the table until the index is rebuilt. Write -- dbp:step tx=none lock_timeout=0 and REINDEX … CONCURRENTLY",
    );
  } else if (skip(reader, "drop", "index")) {
    yield* dropIndex(reader, seen.indexes);
  }
}

function* dropIndex(
  reader: Reader,
  created: ReadonlySet<string>,
): Generator<Finding> {
  const at = { ...reader };
  if (skip(reader, "concurrently")) return;
  skip(reader, "if", "exists");
  const index = name(reader);
  if (index === undefined || created.has(shown(index))) return;
  yield finding(
    at,
    "drop-index",
    `DROP INDEX waits for all reads of the table, and blocks new ones meanwhile. Write -- dbp:step tx=none lock_timeout=0 and DROP INDEX CONCURRENTLY ${
      shown(index)
    }`,
  );
}

function fullOption(reader: Reader): boolean {
  return isNext(reader, "(") && hasWords(rest(reader), "full");
}

function vacuumProblem(what: string): string {
  return `${what} rewrites the table and blocks all reads and writes meanwhile. To accept that, write -- dbp:ignore vacuum-full <why>`;
}
