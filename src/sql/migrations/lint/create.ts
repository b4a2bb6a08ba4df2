import {
  name,
  type Reader,
  rest,
  sees,
  takes,
  takesOne,
} from "../file/reader.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** Tables that a file makes, and what they do to those that were there before. */
export function* createTable(
  reader: Reader,
  { seen }: Context,
): Generator<Finding> {
  if (!takes(reader, "create")) return;
  takesOne(reader, ["global", "local"]);
  takesOne(reader, ["temporary", "temp", "unlogged"]);
  if (!takes(reader, "table") && !takes(reader, "materialized", "view")) return;
  takes(reader, "if", "not", "exists");
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
      `CREATE TABLE ${table} stops writes of ${
        shown(other)
      } for as long as its step goes on; add the FOREIGN KEY in a step of its own, after the table is made`,
    );
  }
}

function* partitionOf(
  reader: Reader,
  table: string,
  tables: ReadonlySet<string>,
): Generator<Finding> {
  const at = { ...reader };
  if (!takes(reader, "partition", "of")) return;
  const parent = name(reader);
  if (parent === undefined || tables.has(shown(parent))) return;
  yield finding(
    at,
    "partition-of",
    `PARTITION OF stops all reading and writing of ${
      shown(parent)
    }; CREATE TABLE ${table} (LIKE ${
      shown(parent)
    } INCLUDING ALL) with a CHECK of its bounds, then ATTACH PARTITION`,
  );
}

/** Readers at each name after REFERENCES. */
function* references(reader: Reader): Generator<Reader> {
  for (const [place] of rest(reader).entries()) {
    const at = { tokens: reader.tokens, at: reader.at + place };
    if (takes(at, "references")) yield at;
  }
}

/** Types that a file makes. */
export function createType(reader: Reader, { seen }: Context): Finding[] {
  if (takes(reader, "create", "type")) {
    const type = name(reader);
    if (type !== undefined) seen.types.add(shown(type));
  }
  return [];
}

/** Indexes of tables that were there before. */
export function* createIndex(
  reader: Reader,
  { seen }: Context,
): Generator<Finding> {
  if (!takes(reader, "create")) return;
  const unique = takes(reader, "unique");
  if (!takes(reader, "index")) return;
  const at = { ...reader };
  const concurrently = takes(reader, "concurrently");
  takes(reader, "if", "not", "exists");
  const index = sees(reader, "on") ? undefined : name(reader);
  if (index !== undefined) seen.indexes.add(shown(index));
  takes(reader, "on");
  if (concurrently || takes(reader, "only")) return;
  const table = name(reader);
  if (table === undefined || seen.tables.has(shown(table))) return;
  yield finding(
    at,
    "create-index",
    `CREATE INDEX stops writes of ${
      shown(table)
    } until it is built; write -- dbp:step tx=none lock_timeout=0 and CREATE ${
      unique ? "UNIQUE " : ""
    }INDEX CONCURRENTLY`,
  );
}
