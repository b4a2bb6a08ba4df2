import type { Document } from "mongodb";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { defaultValue } from "../../../query/write/values.ts";
import { givenEncoder, newRowEncoder } from "../../codec/encode.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import type { Place } from "../base/write_context.ts";
import { kept } from "../../codec/values.ts";
import type { Entry } from "./batches.ts";
import type { UniqueKey } from "../base/unique_key.ts";
import { sizeCheck } from "../../codec/document_size.ts";

/** A row of an upsert. */
export interface Change extends Entry {
  /** The fields that it gives, as a document. */
  readonly document: Document;
  /** What `prefer` goes by: what it gives, or what a new row would have. */
  readonly rank: Document;
  /** Its key's identity; a key with null in it is like no other. */
  readonly identity: string | undefined;
  /** Makes the row as a new one, or an error that says what it lacks; undefined where the document is that already. */
  readonly fresh: (() => Document) | undefined;
  /** Whether it has all that a new row needs. */
  readonly complete: boolean;
}

/** A row as a new one. */
export function freshOf({ document, fresh }: Change): Document {
  return fresh === undefined ? document : fresh();
}

const NO_RANK: Document = Object.freeze({});

/** What makes a row of an upsert ready to be written, or throws. */
export function changeMaker(
  { model, rows, conflict, prefer }: UpsertStatement,
  key: UniqueKey,
): (row: object, index: number) => Change {
  const given = givenEncoder(model);
  const check = sizeCheck(model);
  const whole = newRowEncoder(model, true);
  const needed = model.fields.filter((field) =>
    !field.nullable && field.default === undefined &&
    field.onUpdate === undefined
  ).map(({ column }) => column);
  const copy = !Array.isArray(rows);
  const { fields, mongo: { derived } } = model;
  return (row, index) => {
    const document = given(row, index);
    check?.(document, index);
    if (conflict.some(({ column }) => document[column] === undefined)) {
      // A key may have a default; where it has none, this says so.
      const fresh = whole(row, index);
      for (const { column } of conflict) document[column] ??= fresh[column];
    }
    const rank: Document = prefer.length === 0 ? NO_RANK : {};
    for (const field of prefer) {
      const given: unknown = document[field.column];
      const value = given === undefined
        ? kept(field, defaultValue(field))
        : given;
      // A new row without it is refused, and so is this one.
      if (value === null && !field.nullable) whole(row, index);
      rank[field.column] = value;
    }
    const identity = key.identity(document);
    if (derived.size === 0 && Object.keys(document).length === fields.length) {
      return { document, rank, identity, complete: true, fresh: undefined };
    }
    const own = copy ? { ...row } : row;
    return {
      document,
      rank,
      identity,
      complete: needed.every((column) => document[column] !== undefined),
      fresh: () => whole(own, index),
    };
  };
}

/** Refuses, before anything is written, a row that is not there and has not all that a new one needs. */
export async function refuseIncomplete(
  { link }: Place,
  { model, conflict }: UpsertStatement,
  key: UniqueKey,
  held: readonly Change[],
): Promise<void> {
  if (held.every(({ complete }) => complete)) return;
  const made = new Set<string | undefined>();
  const doubtful: Change[] = [];
  for (const change of held) {
    if (change.complete) made.add(change.identity);
    else if (!made.has(change.identity)) doubtful.push(change);
  }
  const there = await documentsByKey(
    link,
    model,
    conflict,
    doubtful.map(({ document }) => key.of(document)),
    conflict,
  );
  for (const change of doubtful) {
    const { identity } = change;
    if (identity === undefined || !there.has(identity)) freshOf(change);
  }
}
