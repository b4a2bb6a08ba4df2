import {
  commaParts,
  group,
  hasWords,
  type Name,
  name,
  type Reader,
  readerOf,
  rest,
  takes,
  takesOne,
} from "./reader.ts";
import type { Token } from "./tokens.ts";

/** A statement that works beside others, outside of transactions, and may leave something half done. */
export type Concurrent =
  | {
    readonly kind: "create-index";
    /** Undefined where the server is to make up a name. */
    readonly index: Name | undefined;
    readonly table: Name;
  }
  | { readonly kind: "drop-index"; readonly index: Name }
  | {
    readonly kind: "reindex";
    readonly what: "index" | "table" | "schema" | "database" | "system";
    /** Undefined for the database that one is in. */
    readonly name: Name | undefined;
  }
  | {
    readonly kind: "detach-partition";
    readonly table: Name;
    readonly partition: Name;
  };

const REINDEXED = ["index", "table", "schema", "database", "system"] as const;

/** What a statement does CONCURRENTLY, or undefined where it does nothing so. */
export function concurrent(statement: string): Concurrent | undefined {
  return concurrentIn(readerOf(statement));
}

/** {@link concurrent}, of a statement that is read already. */
export function concurrentIn(reader: Reader): Concurrent | undefined {
  if (takes(reader, "create")) return createIndex(reader);
  if (takes(reader, "drop", "index", "concurrently")) {
    takes(reader, "if", "exists");
    const index = name(reader);
    return index && { kind: "drop-index", index };
  }
  if (takes(reader, "reindex")) return reindex(reader);
  return takes(reader, "alter", "table") ? detach(reader) : undefined;
}

/** The same without CONCURRENTLY, as it can be tried in a transaction; the statement itself where it has none. */
export function withoutConcurrently(statement: string): string {
  if (concurrent(statement) === undefined) return statement;
  const reader = readerOf(statement);
  const { tokens } = reader;
  if (takes(reader, "reindex") && isConcurrent(group(reader))) {
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
  takes(reader, "unique");
  if (!takes(reader, "index", "concurrently")) return undefined;
  takes(reader, "if", "not", "exists");
  const index = takes(reader, "on") ? undefined : name(reader);
  if (index !== undefined) takes(reader, "on");
  takes(reader, "only");
  const table = name(reader);
  return table && { kind: "create-index", index, table };
}

function reindex(reader: Reader): Concurrent | undefined {
  const option = isConcurrent(group(reader));
  const what = takesOne(reader, REINDEXED);
  const known = REINDEXED.find((one) => one === what);
  const word = takes(reader, "concurrently");
  if (known === undefined || !(option || word)) return undefined;
  return { kind: "reindex", what: known, name: name(reader) };
}

function detach(reader: Reader): Concurrent | undefined {
  takes(reader, "if", "exists");
  takes(reader, "only");
  const table = name(reader);
  takes(reader, "*");
  if (!takes(reader, "detach", "partition")) return undefined;
  const partition = name(reader);
  if (table === undefined || partition === undefined) return undefined;
  return takes(reader, "concurrently")
    ? { kind: "detach-partition", table, partition }
    : undefined;
}

/** Whether options in parentheses say it: `(VERBOSE, CONCURRENTLY)`, but not `(CONCURRENTLY off)`. */
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
