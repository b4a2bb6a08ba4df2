import {
  isNext,
  name,
  type Reader,
  rest,
  skip,
  skipOneOf,
} from "../file/reader.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** Checks a `CREATE TABLE` for what it does to existing tables. */
export function* createTable(
  reader: Reader,
  { seen }: Context,
): Generator<Finding> {
  if (!skip(reader, "create")) return;
  skipOneOf(reader, ["global", "local"]);
  skipOneOf(reader, ["temporary", "temp", "unlogged"]);
  if (!skip(reader, "table") && !skip(reader, "materialized", "view")) return;
  skip(reader, "if", "not", "exists");
  const found = name(reader);
  if (found === undefined) return;
  const table = shown(found);
  seen.tables.add(table);
  yield* partitionOf({ ...reader }, table, seen.tables);
  for (const referred of references(reader)) {
    const other = name({ ...referred });
    if (other === undefined || seen.tables.has(shown(other))) continue;
    yield finding(
      referred,
      "references-in-create-table",
      `CREATE TABLE ${table} blocks writes to ${
        shown(other)
      } until its step ends. Add the FOREIGN KEY in a step of its own, after the table was created`,
    );
  }
}

function* partitionOf(
  reader: Reader,
  table: string,
  tables: ReadonlySet<string>,
): Generator<Finding> {
  const at = { ...reader };
  if (!skip(reader, "partition", "of")) return;
  const parent = name(reader);
  if (parent === undefined || tables.has(shown(parent))) return;
  yield finding(
    at,
    "partition-of",
    `PARTITION OF blocks all reads and writes of ${
      shown(parent)
    }. Write CREATE TABLE ${table} (LIKE ${
      shown(parent)
    } INCLUDING ALL), add a CHECK of its bounds, then ATTACH PARTITION`,
  );
}

/** Yields a reader at each name after REFERENCES. */
function* references(reader: Reader): Generator<Reader> {
  for (const index of rest(reader).keys()) {
    const at = { tokens: reader.tokens, at: reader.at + index };
    if (skip(at, "references")) yield at;
  }
}

/** Remembers a type that the file creates. */
export function createType(reader: Reader, { seen }: Context): Finding[] {
  if (skip(reader, "create", "type")) {
    const type = name(reader);
    if (type !== undefined) seen.types.add(shown(type));
  }
  return [];
}

/** Checks an index of an existing table. */
export function* createIndex(
  reader: Reader,
  { seen }: Context,
): Generator<Finding> {
  if (!skip(reader, "create")) return;
  const unique = skip(reader, "unique");
  if (!skip(reader, "index")) return;
  const at = { ...reader };
  const concurrently = skip(reader, "concurrently");
  skip(reader, "if", "not", "exists");
  const index = isNext(reader, "on") ? undefined : name(reader);
  if (index !== undefined) seen.indexes.add(shown(index));
  skip(reader, "on");
  if (concurrently || skip(reader, "only")) return;
  const table = name(reader);
  if (table === undefined || seen.tables.has(shown(table))) return;
  yield finding(
    at,
    "create-index",
    `CREATE INDEX blocks writes to ${
      shown(table)
    } until the index is built. Write -- dbp:step tx=none lock_timeout=0 and CREATE ${
      unique ? "UNIQUE " : ""
    }INDEX CONCURRENTLY`,
  );
}
