import {
  commaParts,
  identifier,
  isNext,
  name,
  type Reader,
  rest,
  skip,
} from "../file/reader.ts";
import { addColumn } from "./add_column.ts";
import { addConstraint, validateConstraint } from "./constraint.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** Checks an `ALTER TABLE` of an existing table. */
export function* alterTable(
  reader: Reader,
  context: Context,
): Generator<Finding> {
  if (!skip(reader, "alter", "table")) return;
  skip(reader, "if", "exists");
  skip(reader, "only");
  const found = name(reader);
  skip(reader, "*");
  if (found === undefined) return;
  const table = shown(found);
  if (context.seen.tables.has(table)) {
    if (skip(reader, "rename", "to")) noteRenamed(reader, context);
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
  if (isNext(reader, "set", "schema")) {
    yield finding(reader, "rename", renameProblem(table));
  }
  if (!isNext(reader, "rename")) return;
  const after = { ...reader, at: reader.at + 1 };
  if (skip(after, "constraint")) return;
  skip(after, "column");
  const old = skip(after, "to") ? undefined : identifier(after);
  yield finding(
    reader,
    "rename",
    renameProblem(old === undefined ? table : `${table}.${old}`),
  );
}

function renameProblem(what: string): string {
  return `Running programs still use ${what} and fail immediately. Add the new one beside it and drop the old one in a later migration, or write -- dbp:ignore rename <why>`;
}

function* action(
  reader: Reader,
  table: string,
  context: Context,
): Generator<Finding> {
  if (skip(reader, "add")) {
    yield* addConstraint({ ...reader }, table, context) ??
      addColumn(reader, table);
  } else if (skip(reader, "alter")) {
    yield* alterColumn(reader, table, context);
  } else if (skip(reader, "validate", "constraint")) {
    yield* validateConstraint(reader, table, context);
  } else if (skip(reader, "detach", "partition")) {
    yield* detachPartition(reader, table);
  } else if (skip(reader, "set")) {
    yield* setStorage(reader, table);
  }
}

function* alterColumn(
  reader: Reader,
  table: string,
  { seen }: Context,
): Generator<Finding> {
  skip(reader, "column");
  const column = identifier(reader);
  if (isNext(reader, "set", "not", "null")) {
    if (
      seen.proven.has(`${table}.${column}`) || seen.proven.has(`${table}.*`)
    ) {
      return;
    }
    yield finding(
      reader,
      "set-not-null",
      `SET NOT NULL scans all of ${table} and blocks all reads and writes meanwhile. Add CHECK (${column} IS NOT NULL) NOT VALID, VALIDATE it in a step of its own, then SET NOT NULL and drop the check in a third step`,
    );
  } else if (isNext(reader, "type") || isNext(reader, "set", "data", "type")) {
    yield finding(
      reader,
      "alter-type",
      `A new type of ${table}.${column} may rewrite all of ${table} and block all reads and writes meanwhile. Add a new column, fill it in batches and drop the old one later. If the type only becomes wider, write -- dbp:ignore alter-type <why>`,
    );
  } else if (isNext(reader, "set", "expression")) {
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
  if (isNext(reader, "concurrently") || isNext(reader, "finalize")) return;
  yield finding(
    at,
    "detach-partition",
    `DETACH PARTITION blocks all reads of ${table}. Write -- dbp:step tx=none and DETACH PARTITION ${
      partition === undefined ? "…" : shown(partition)
    } CONCURRENTLY`,
  );
}

function* setStorage(reader: Reader, table: string): Generator<Finding> {
  if (isNext(reader, "unlogged") || isNext(reader, "logged")) {
    const what = isNext(reader, "logged") ? "SET LOGGED" : "SET UNLOGGED";
    yield finding(reader, "set-unlogged", rewriteProblem(what, table));
  } else if (isNext(reader, "tablespace")) {
    yield finding(
      reader,
      "rewrite-table",
      rewriteProblem("SET TABLESPACE", table),
    );
  } else if (isNext(reader, "access", "method")) {
    yield finding(
      reader,
      "rewrite-table",
      rewriteProblem("SET ACCESS METHOD", table),
    );
  }
}

function rewriteProblem(what: string, table: string): string {
  return `${what} rewrites all of ${table} and blocks all reads and writes meanwhile. Fill a new table in batches instead`;
}
