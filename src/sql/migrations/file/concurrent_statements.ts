import {
  commaParts,
  group,
  hasWords,
  type Name,
  name,
  type Reader,
  readerOf,
  rest,
  skip,
  skipOneOf,
} from "./reader.ts";
import type { Token } from "./tokens.ts";

/** A CONCURRENTLY statement: it runs outside of transactions, and may leave something unfinished. */
export type Concurrent =
  | {
    readonly kind: "create-index";
    /** Undefined if the server chooses the name. */
    readonly index: Name | undefined;
    readonly table: Name;
  }
  | { readonly kind: "drop-index"; readonly index: Name }
  | {
    readonly kind: "reindex";
    readonly what: "index" | "table" | "schema" | "database" | "system";
    /** Undefined for the current database. */
    readonly name: Name | undefined;
  }
  | {
    readonly kind: "detach-partition";
    readonly table: Name;
    readonly partition: Name;
  };

const REINDEXED = ["index", "table", "schema", "database", "system"] as const;

/** Returns what a statement does CONCURRENTLY; undefined if it does nothing so. */
export function concurrent(statement: string): Concurrent | undefined {
  return concurrentIn(readerOf(statement));
}

/** As {@link concurrent}, for a statement that was read before. */
export function concurrentIn(reader: Reader): Concurrent | undefined {
  if (skip(reader, "create")) return createIndex(reader);
  if (skip(reader, "drop", "index", "concurrently")) {
    skip(reader, "if", "exists");
    const index = name(reader);
    return index && { kind: "drop-index", index };
  }
  if (skip(reader, "reindex")) return reindex(reader);
  return skip(reader, "alter", "table") ? detach(reader) : undefined;
}

/** Returns a statement without CONCURRENTLY, so that it can be tried in a transaction. */
export function withoutConcurrently(statement: string): string {
  if (concurrent(statement) === undefined) return statement;
  const reader = readerOf(statement);
  const { tokens } = reader;
  if (skip(reader, "reindex") && isConcurrent(group(reader))) {
    return withoutOption(statement, tokens);
  }
  const word = tokens.find(({ kind, value }) =>
    kind === "word" && value === "concurrently"
  );
  if (word === undefined) return statement;
  const next = tokens[tokens.indexOf(word) + 1];
  return next === undefined
    ? statement.slice(0, word.start).trimEnd()
    : statement.slice(0, word.start) + statement.slice(next.start);
}

function createIndex(reader: Reader): Concurrent | undefined {
  skip(reader, "unique");
  if (!skip(reader, "index", "concurrently")) return undefined;
  skip(reader, "if", "not", "exists");
  const index = skip(reader, "on") ? undefined : name(reader);
  if (index !== undefined) skip(reader, "on");
  skip(reader, "only");
  const table = name(reader);
  return table && { kind: "create-index", index, table };
}

function reindex(reader: Reader): Concurrent | undefined {
  const option = isConcurrent(group(reader));
  const what = skipOneOf(reader, REINDEXED);
  const known = REINDEXED.find((one) => one === what);
  const word = skip(reader, "concurrently");
  if (known === undefined || !(option || word)) return undefined;
  return { kind: "reindex", what: known, name: name(reader) };
}

function detach(reader: Reader): Concurrent | undefined {
  skip(reader, "if", "exists");
  skip(reader, "only");
  const table = name(reader);
  skip(reader, "*");
  if (!skip(reader, "detach", "partition")) return undefined;
  const partition = name(reader);
  if (table === undefined || partition === undefined) return undefined;
  return skip(reader, "concurrently")
    ? { kind: "detach-partition", table, partition }
    : undefined;
}

/** Returns whether options in parentheses say CONCURRENTLY: `(VERBOSE, CONCURRENTLY)`, but not `(CONCURRENTLY off)`. */
function isConcurrent(options: readonly Token[]): boolean {
  return commaParts(options).some(([option, value]) =>
    option?.value === "concurrently" &&
    !["off", "false", "0", "'off'", "'false'"].includes(value?.value ?? "on")
  );
}

function withoutOption(
  statement: string,
  tokens: readonly Token[],
): string {
  const reader: Reader = { tokens, at: 1 };
  const others = commaParts(group(reader)).filter((part) =>
    !hasWords(part, "concurrently")
  ).map((part) => statement.slice(part[0]?.start, part.at(-1)?.end));
  const options = others.length === 0 ? "" : ` (${others.join(", ")})`;
  const from = statement.slice(0, tokens[0]?.end);
  return `${from}${options} ${statement.slice(rest(reader)[0]?.start)}`;
}
