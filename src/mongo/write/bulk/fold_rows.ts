import type { Document } from "mongodb";
import type { Field } from "../../../model/field.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { onUpdateValues } from "../../../query/write/values.ts";
import { compare } from "../../codec/value_order.ts";
import { documentOf } from "../../codec/encode.ts";
import { same } from "../../codec/values.ts";
import { type Change, freshOf } from "./change.ts";

/** What a batch makes of one key. */
export interface Folded {
  /** The key's identity; undefined for a key with null in it. */
  readonly identity: string | undefined;
  /** The document that is there. */
  readonly before: Document | undefined;
  /** What it is to be. */
  now: Document;
  /** What changes of one that is there; undefined where nothing does. */
  set: Document | undefined;
}

/** Goes through rows in turn, each as if it came alone, over the documents that are there. */
export function fold(
  statement: UpsertStatement,
  batch: readonly Change[],
  there: ReadonlyMap<string, Document>,
): readonly Folded[] {
  const change = changer(statement);
  const folded: Folded[] = [];
  const byKey = new Map<string, Folded>();
  for (const row of batch) {
    const { identity } = row;
    let known = identity === undefined ? undefined : byKey.get(identity);
    if (known === undefined) {
      const before = identity === undefined ? undefined : there.get(identity);
      known = { identity, before, now: before ?? freshOf(row), set: undefined };
      folded.push(known);
      if (identity !== undefined) byKey.set(identity, known);
      if (before === undefined) continue;
    }
    const set = change(known.now, row);
    if (set === undefined) continue;
    known.now = { ...known.now, ...set };
    known.set = { ...known.set, ...set };
  }
  return folded;
}

/** What a row changes of a document: nothing where it loses, or has nothing new to say. */
function changer(
  { model, conflict, update, prefer }: UpsertStatement,
): (old: Document, row: Change) => Document | undefined {
  const key = new Set(conflict.map(({ column }) => column));
  const may = new Set((update ?? model.fields).map(({ column }) => column));
  const stamped = model.fields.filter(({ onUpdate }) => onUpdate !== undefined);
  return (old, { document, rank }) => {
    if (!wins(prefer, rank, old)) return undefined;
    const set: Document = {};
    for (const column in document) {
      if (may.has(column)) set[column] = document[column];
    }
    // The next row is compared with the winner.
    if (update?.length !== 0) Object.assign(set, rank);
    for (const column of key) delete set[column];
    if (
      Object.entries(set).every(([column, value]) =>
        same(old[column] ?? null, value)
      )
    ) return undefined;
    if (stamped.length === 0) return set;
    const own = model.fields.filter(({ column }) =>
      document[column] !== undefined || rank[column] !== undefined
    );
    return { ...set, ...documentOf(onUpdateValues(model, new Set(own))) };
  };
}

/** Whether a row is at least as good as the one that is there: null is least, and on a tie the later counts. */
function wins(
  prefer: readonly Field[],
  rank: Document,
  old: Document,
): boolean {
  for (const field of prefer) {
    const mine: unknown = rank[field.column] ?? null;
    const theirs: unknown = old[field.column] ?? null;
    const order = mine === null || theirs === null
      ? Number(mine !== null) - Number(theirs !== null)
      : compare(mine, theirs);
    if (order !== 0) return order > 0;
  }
  return true;
}
