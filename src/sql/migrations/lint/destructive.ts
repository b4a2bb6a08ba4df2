import {
  commaParts,
  hasWords,
  identifier,
  isNext,
  type Name,
  name,
  type Reader,
  rest,
  skip,
  skipOneOf,
} from "../file/reader.ts";
import { lostName } from "../file/destructive_names.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** Data that a statement may lose. */
interface Loss {
  readonly at: Reader;
  /** The action, as `dbp:destructive` names it: `drop-column`. */
  readonly act: string;
  readonly what: string;
  /** The table, if a column is lost. */
  readonly table?: string;
}

/** Checks that the file declares what it loses. */
export function* destructive(
  reader: Reader,
  { seen, destructive }: Context,
): Generator<Finding> {
  for (const { at, act, what, table } of losses(reader)) {
    if (
      destructive.has(what.replaceAll(/\s+/g, " ")) ||
      seen.tables.has(table ?? what)
    ) {
      continue;
    }
    yield finding(
      at,
      "drop-without-destructive",
      `${
        act.replace("-", " ").toUpperCase()
      } ${what} loses data. If that is intended, write -- dbp:destructive ${act} ${
        lostName(what)
      }`,
    );
  }
}

function* losses(reader: Reader): Generator<Loss> {
  const at = { ...reader };
  if (skip(reader, "drop")) {
    yield* drops(at, reader);
  } else if (skip(reader, "truncate")) {
    skip(reader, "table");
    yield* named(at, "truncate", reader);
  } else if (skip(reader, "alter", "table")) {
    yield* droppedColumns(reader);
  } else if (!isNext(reader, "create")) {
    yield* deletes(reader);
  }
}

function* drops(at: Reader, reader: Reader): Generator<Loss> {
  skip(reader, "foreign");
  const kind = skipOneOf(reader, [
    ...["table", "schema", "database", "sequence", "owned", "type", "domain"],
    ...["extension", "function", "view"],
  ]);
  if (kind === undefined) return;
  const always = ["table", "schema", "database", "sequence", "owned"];
  // Any other object loses columns only if CASCADE drops them.
  if (always.includes(kind) || hasWords(rest(reader), "cascade")) {
    skip(reader, "by");
    skip(reader, "if", "exists");
    yield* named(at, `drop-${kind}`, reader);
  }
}

function* named(at: Reader, act: string, reader: Reader): Generator<Loss> {
  for (const tokens of commaParts(rest(reader))) {
    const part = { tokens, at: 0 };
    skip(part, "only");
    const found = name(part);
    if (found !== undefined) yield { at, act, what: shown(found) };
  }
}

function* droppedColumns(reader: Reader): Generator<Loss> {
  skip(reader, "if", "exists");
  skip(reader, "only");
  const table = name(reader);
  if (table === undefined) return;
  skip(reader, "*");
  for (const tokens of commaParts(rest(reader))) {
    const action = { tokens, at: 0 };
    if (!skip(action, "drop") || isNext(action, "constraint")) continue;
    skip(action, "column");
    skip(action, "if", "exists");
    const column = identifier(action);
    if (column === undefined) continue;
    const what = `${shown(table)}.${column}`;
    yield {
      at: { tokens, at: 0 },
      act: "drop-column",
      what,
      table: shown(table),
    };
  }
}

/** Yields each `DELETE FROM`, also inside of `WITH` and `MERGE`. */
function* deletes({ tokens }: Reader): Generator<Loss> {
  let merged: Name | undefined;
  for (const index of tokens.keys()) {
    const at = { tokens, at: index };
    const reader = { ...at };
    if (skip(reader, "merge", "into")) {
      skip(reader, "only");
      merged = name(reader);
    }
    const found = skip(reader, "delete", "from")
      ? tableAfter(reader)
      : isNext(reader, "then", "delete")
      ? merged
      : undefined;
    if (found !== undefined) yield { at, act: "delete", what: shown(found) };
  }
}

function tableAfter(reader: Reader): Name | undefined {
  skip(reader, "only");
  return name(reader);
}
