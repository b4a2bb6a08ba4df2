import {
  appendSentence,
  DbPluginsError,
  outcomeOf,
  type PartlyWritten,
} from "../base/errors/mod.ts";
import type { Repeat } from "./repeat.ts";
import {
  createSearch,
  type GoodRows,
  partAt,
  rejectedRows,
  type Search,
  splitPart,
} from "./good_rows.ts";
import { type PlannedWrite, rowsOf } from "./plan.ts";
import { isOfRow } from "./refused_row.ts";
import { NONE, send, sum } from "./send.ts";
import type { WriterTarget } from "./types.ts";

/** The maximum number of rows that an account lists. */
const MAX_LISTED = 100_000;

/**
 * Writes the rows table by table, on a server without transactions. The models
 * check all rows first. An error of the database has an account of all rows in
 * `partly`.
 *
 * @param setsAside whether refused rows are set aside
 */
export async function writeWithoutTransaction(
  target: WriterTarget,
  plan: readonly PlannedWrite[],
  setsAside: boolean,
  repeat: Repeat,
): Promise<GoodRows> {
  const searches = plan.map(createSearch);
  const [refused] = searches.flatMap(({ errors }) => [...errors.values()]);
  if (refused !== undefined && !setsAside) throw refused;
  let written = NONE;
  for (const [index, search] of searches.entries()) {
    const { model, call } = search.write;
    for (let at = 0; at < search.parts.length;) {
      const rows = partAt(search, at);
      try {
        written = sum(
          written,
          await repeat([search.write], () => send(target, model, call, rows)),
        );
        at++;
      } catch (error) {
        if (!setsAside || !isOfRow(error) || isPartlyWritten(error)) {
          throw accountOf(error, searches, index, at);
        }
        splitPart(search, at, error);
      }
    }
  }
  return { written, rejected: searches.flatMap(rejectedRows) };
}

function isPartlyWritten(error: unknown): boolean {
  return error instanceof DbPluginsError && error.partly !== undefined;
}

/** Adds an account of all rows to the error of one part. */
function accountOf(
  error: unknown,
  searches: readonly Search[],
  failed: number,
  at: number,
): unknown {
  if (!(error instanceof DbPluginsError)) return error;
  const before = searches.slice(0, failed);
  const after = searches.slice(failed + 1);
  const search = searches[failed];
  const parts = search?.parts.map((part) => part.map(({ row }) => row)) ?? [];
  const current = error.partly ?? ofPart(parts[at] ?? [], error);
  const rows = ({ write }: Search) => [...rowsOf(write)];
  error.partly = {
    written: [
      ...before.flatMap(rows),
      ...parts.slice(0, at).flat(),
      ...current.written,
    ].slice(0, MAX_LISTED),
    unwritten: [
      ...current.unwritten,
      ...parts.slice(at + 1).flat(),
      ...after.flatMap(rows),
    ].slice(0, MAX_LISTED),
    unknown: current.unknown,
  };
  const names = (list: readonly Search[]): string =>
    [...new Set(list.map(({ write }) => write.model.name))].join(", ") ||
    "none";
  if (error.partly.written.length > 0) error.outcome = "unknown";
  appendSentence(
    error,
    `This server has no transactions. Tables written before: ${
      names(before)
    }; not written: ${names(after)}; partly lists the rows`,
  );
  return error;
}

/** The account of a part whose error has none. */
function ofPart(rows: readonly object[], error: unknown): PartlyWritten {
  const isUnknown = outcomeOf(error) === "unknown";
  return {
    written: [],
    unwritten: isUnknown ? [] : rows,
    unknown: isUnknown ? rows : [],
  };
}
