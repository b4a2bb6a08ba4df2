import {
  commaParts,
  group,
  hasWords,
  readerOf,
  rest,
  skip,
} from "../file/reader.ts";
import type { Token } from "../file/tokens.ts";

/** The keys of a unique index. */
interface KeyExpressions {
  /** Its columns and expressions. */
  readonly keys: readonly string[];
  readonly areNullsEqual: boolean;
  /** Which rows it has; undefined if all. */
  readonly where: string | undefined;
}

/** Words after a key that do not change which values are equal. */
const ORDER = ["asc", "desc", "nulls", "first", "last"];

/** Returns the keys in the definition of an index; undefined if it has another form than `USING btree (…)`. */
export function keyExpressions(definition: string): KeyExpressions | undefined {
  const reader = readerOf(definition);
  if (!skip(reader, "using", "btree")) return undefined;
  const keys = commaParts(group(reader)).map((part) => textOf(unordered(part)));
  if (skip(reader, "include")) group(reader);
  const end = rest(reader);
  const start = end.findIndex(({ kind, value }) =>
    kind === "word" && value === "where"
  );
  return {
    keys,
    areNullsEqual: hasWords(end, "nulls", "not", "distinct"),
    where: start < 0 ? undefined : textOf(end.slice(start + 1)),
  };
}

function unordered(part: readonly Token[]): readonly Token[] {
  const last = part.at(-1);
  const isOrder = part.length > 1 && last?.kind === "word" &&
    (ORDER.includes(last.value) || last.value.endsWith("_ops"));
  return isOrder ? unordered(part.slice(0, -1)) : part;
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ value }) => value).join(" ");
}
