import {
  commaParts,
  identifier,
  name,
  type Reader,
  rest,
  sees,
  takes,
} from "../file/reader.ts";
import { addColumn } from "./add_column.ts";
import { addConstraint, validateConstraint } from "./constraint.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** `ALTER TABLE` of a table that was there before. */
export function* alterTable(
  reader: Reader,
  context: Context,
): Generator<Finding> {
  if (!takes(reader, "alter", "table")) return;
  takes(reader, "if", "exists");
  takes(reader, "only");
  const found = name(reader);
  takes(reader, "*");
  if (found === undefined) return;
  const table = shown(found);
  if (context.seen.tables.has(table)) {
    if (takes(reader, "rename", "to")) noteRenamed(reader, context);
    return;
  }
  yield* renamed(reader, table);
  for (const tokens of commaParts(rest(reader))) {
    yield* action({ tokens, at: 0 }, table, context);
  }
}

function noteRenamed(reader: Reader, { seen }: Context): void {
  const table = name(reader);
  if (table !== undefined) seen.tables.add(shown(table));
}

function* renamed(reader: Reader, table: string): Generator<Finding> {
  if (sees(reader, "set", "schema")) {
    yield finding(reader, "rename", renameProblem(table));
  }
  if (!sees(reader, "rename")) return;
  const after = { ...reader, at: reader.at + 1 };
  if (takes(after, "constraint")) return;
  takes(after, "column");
  const old = takes(after, "to") ? undefined : identifier(after);
  yield finding(
    reader,
    "rename",
    renameProblem(old === undefined ? table : `${table}.${old}`),
  );
}

function renameProblem(what: string): string {
  return `programs that run already still say ${what} and break at once; add the new one beside it and drop the old one in a later migration, or say dbp:ignore rename <why>`;
}

function* action(
  reader: Reader,
  table: string,
  context: Context,
): Generator<Finding> {
  if (takes(reader, "add")) {
    yield* addConstraint({ ...reader }, table, context) ??
      addColumn(reader, table);
  } else if (takes(reader, "alter")) {
    yield* alterColumn(reader, table, context);
  } else if (takes(reader, "validate", "constraint")) {
    yield* validateConstraint(reader, table, context);
  } else if (takes(reader, "detach", "partition")) {
    yield* detachPartition(reader, table);
  } else if (takes(reader, "set")) {
    yield* setStorage(reader, table);
  }
}

function* alterColumn(
  reader: Reader,
  table: string,
  { seen }: Context,
): Generator<Finding> {
  takes(reader, "column");
  const column = identifier(reader);
  if (sees(reader, "set", "not", "null")) {
    if (
      seen.proven.has(`${table}.${column}`) || seen.proven.has(`${table}.*`)
    ) {
      return;
    }
    yield finding(
      reader,
      "set-not-null",
      `SET NOT NULL reads all of ${table} while nobody else can; add CHECK (${column} IS NOT NULL) NOT VALID, VALIDATE it in a step of its own, then SET NOT NULL and drop the check in a third`,
    );
  } else if (sees(reader, "type") || sees(reader, "set", "data", "type")) {
    yield finding(
      reader,
      "alter-type",
      `a new type of ${table}.${column} may write the whole table anew while nobody else can; fill a new column in parts and drop the old one later, or, where the type only becomes wider, say dbp:ignore alter-type <why>`,
    );
  } else if (sees(reader, "set", "expression")) {
    yield finding(
      reader,
      "rewrite-table",
      rewriteProblem("SET EXPRESSION", table),
    );
  }
}

function* detachPartition(reader: Reader, table: string): Generator<Finding> {
  const at = { ...reader };
  const partition = name(reader);
  if (sees(reader, "concurrently") || sees(reader, "finalize")) return;
  yield finding(
    at,
    "detach-partition",
    `DETACH PARTITION stops all reading of ${table}; write -- dbp:step tx=none and DETACH PARTITION ${
      partition === undefined ? "…" : shown(partition)
    } CONCURRENTLY`,
  );
}

function* setStorage(reader: Reader, table: string): Generator<Finding> {
  if (sees(reader, "unlogged") || sees(reader, "logged")) {
    const what = sees(reader, "logged") ? "SET LOGGED" : "SET UNLOGGED";
    yield finding(reader, "set-unlogged", rewriteProblem(what, table));
  } else if (sees(reader, "tablespace")) {
    yield finding(
      reader,
      "rewrite-table",
      rewriteProblem("SET TABLESPACE", table),
    );
  } else if (sees(reader, "access", "method")) {
    yield finding(
      reader,
      "rewrite-table",
      rewriteProblem("SET ACCESS METHOD", table),
    );
  }
}

function rewriteProblem(what: string, table: string): string {
  return `${what} writes all of ${table} anew while nobody else can use it; fill a new table in parts instead`;
}
