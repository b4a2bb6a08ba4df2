import {
  commaParts,
  hasWords,
  identifier,
  type Name,
  name,
  type Reader,
  rest,
  sees,
  takes,
  takesOne,
} from "../file/reader.ts";
import { lostName, lostNames } from "../file/destructive_names.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** What a statement may lose. */
interface Loss {
  readonly at: Reader;
  /** As `dbp:destructive` says it: `drop-column`. */
  readonly act: string;
  readonly what: string;
  /** Its table, where it is a column. */
  readonly table?: string;
}

/** Loss of data that the file does not own up to. */
export function* destructive(
  reader: Reader,
  { seen, destructive }: Context,
): Generator<Finding> {
  for (const { at, act, what, table } of losses(reader)) {
    if (isTold(what, destructive) || seen.tables.has(table ?? what)) continue;
    yield finding(
      at,
      "drop-without-destructive",
      `${
        act.replace("-", " ").toUpperCase()
      } ${what} loses data; where that is meant, write -- dbp:destructive ${act} ${
        lostName(what)
      }`,
    );
  }
}

/** Whether a name stands in one of the lines, and is not a part of another name. */
function isTold(what: string, lines: readonly string[]): boolean {
  const name = what.replaceAll(/\s+/g, " ");
  return lines.some((line) => lostNames(line).includes(name));
}

function* losses(reader: Reader): Generator<Loss> {
  const at = { ...reader };
  if (takes(reader, "drop")) {
    yield* drops(at, reader);
  } else if (takes(reader, "truncate")) {
    takes(reader, "table");
    yield* named(at, "truncate", reader);
  } else if (takes(reader, "alter", "table")) {
    yield* droppedColumns(reader);
  } else if (!sees(reader, "create")) {
    yield* deletes(reader);
  }
}

function* drops(at: Reader, reader: Reader): Generator<Loss> {
  takes(reader, "foreign");
  const kind = takesOne(reader, [
    ...["table", "schema", "database", "sequence", "owned", "type", "domain"],
    ...["extension", "function", "view"],
  ]);
  if (kind === undefined) return;
  const always = ["table", "schema", "database", "sequence", "owned"];
  // What else is dropped takes columns with it where it cascades.
  if (always.includes(kind) || hasWords(rest(reader), "cascade")) {
    takes(reader, "by");
    takes(reader, "if", "exists");
    yield* named(at, `drop-${kind}`, reader);
  }
}

function* named(at: Reader, act: string, reader: Reader): Generator<Loss> {
  for (const tokens of commaParts(rest(reader))) {
    const part = { tokens, at: 0 };
    takes(part, "only");
    const found = name(part);
    if (found !== undefined) yield { at, act, what: shown(found) };
  }
}

function* droppedColumns(reader: Reader): Generator<Loss> {
  takes(reader, "if", "exists");
  takes(reader, "only");
  const table = name(reader);
  if (table === undefined) return;
  takes(reader, "*");
  for (const tokens of commaParts(rest(reader))) {
    const action = { tokens, at: 0 };
    if (!takes(action, "drop") || sees(action, "constraint")) continue;
    takes(action, "column");
    takes(action, "if", "exists");
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

/** `DELETE FROM` at any depth, as in `WITH gone AS (DELETE FROM …)`, and in `MERGE`. */
function* deletes({ tokens }: Reader): Generator<Loss> {
  let merged: Name | undefined;
  for (const place of tokens.keys()) {
    const at = { tokens, at: place };
    const reader = { ...at };
    if (takes(reader, "merge", "into")) {
      takes(reader, "only");
      merged = name(reader);
    }
    const found = takes(reader, "delete", "from")
      ? tableAfter(reader)
      : sees(reader, "then", "delete")
      ? merged
      : undefined;
    if (found !== undefined) yield { at, act: "delete", what: shown(found) };
  }
}

function tableAfter(reader: Reader): Name | undefined {
  takes(reader, "only");
  return name(reader);
}
