import type { Document } from "mongodb";
import { SerializationError } from "../../errors.ts";
import type { Outcome, UpsertStatement } from "../../query/ast.ts";
import { missing } from "../../query/write.ts";
import { derive } from "../derived.ts";
import { givenEncoder, newRowEncoder } from "../encode.ts";
import { documentsByKey } from "../lookup.ts";
import { failedAfter } from "../partly.ts";
import type { Place } from "../place.ts";
import { takenError } from "../taken.ts";
import { kept } from "../values.ts";
import { batches } from "./batches.ts";
import { type Change, fold, type Folded, freshOf } from "./fold.ts";
import { sift, taken, type UniqueKey, uniqueKey, uniqueKeys } from "./keys.ts";
import { sendChanges } from "./changes.ts";
import { inLanes } from "./lanes.ts";
import { overwrite, remember } from "./overwrite.ts";
import { sendNew } from "./send.ts";

/** How often a batch is gone through again because others wrote the same rows. */
const TRIES = 20;
/** The share of a batch's rows that must have been new for the next batch to be sent as new without a look. */
const MOST = 0.95;
const NO_RANK: Document = Object.freeze({});
const NONE: ReadonlyMap<string, Document> = new Map();

/** Writes new rows and changes to those that are there. Each batch is read, gone through in memory, and what is new or different is written. */
export async function upsert(
  place: Place,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  const key = uniqueKey(statement.conflict);
  const outcome = { inserted: 0, updated: 0, unchanged: 0 };
  const source = batches(
    statement.rows,
    changeMaker(statement, key),
    (held) => refuseIncomplete(place, statement, key, held),
  );
  let blind = false;
  try {
    for await (const batch of source) {
      const before = { ...outcome };
      await place.together(() =>
        writeBatch(place, statement, key, batch, blind, outcome)
      );
      const inserted = outcome.inserted - before.inserted;
      const updated = outcome.updated - before.updated;
      outcome.unchanged += batch.length - inserted - updated;
      remember(place, statement, updated, batch.length);
      blind = place.scope === undefined && inserted >= batch.length * MOST;
    }
  } catch (error) {
    throw failedAfter(place, error, outcome.inserted + outcome.updated);
  }
  return outcome;
}

function changeMaker(
  { model, rows, conflict, prefer }: UpsertStatement,
  key: UniqueKey,
): (row: object, index: number) => Change {
  const given = givenEncoder(model);
  const whole = newRowEncoder(model, true);
  const needed = model.fields.filter((field) =>
    !field.nullable && field.default === undefined &&
    field.onUpdate === undefined
  ).map(({ column }) => column);
  const copy = !Array.isArray(rows);
  const { fields, mongo: { derived } } = model;
  return (row, index) => {
    const document = given(row, index);
    if (conflict.some(({ column }) => document[column] === undefined)) {
      // A key may have a default; where it has none, this says so.
      const fresh = whole(row, index);
      for (const { column } of conflict) document[column] ??= fresh[column];
    }
    const rank: Document = prefer.length === 0 ? NO_RANK : {};
    for (const field of prefer) {
      const given: unknown = document[field.column];
      const value = given === undefined ? kept(field, missing(field)) : given;
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
async function refuseIncomplete(
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

async function writeBatch(
  place: Place,
  statement: UpsertStatement,
  key: UniqueKey,
  batch: readonly Change[],
  blind: boolean,
  outcome: { inserted: number; updated: number },
): Promise<void> {
  const { model, conflict } = statement;
  let rest = batch;
  const over = await overwrite(place, statement, batch);
  if (over !== undefined) {
    outcome.inserted += over.inserted;
    outcome.updated += over.updated;
    rest = lostOf(batch, over.lost);
  }
  for (let tries = 0; rest.length > 0; tries++) {
    if (tries === TRIES) {
      throw new SerializationError(
        `Cannot write ${model.name}: other writers kept changing the same rows; run this again`,
      );
    }
    // A row that is taken for new and is not is refused, and comes again.
    const there = blind && tries === 0 && rest.every(({ complete }) => complete)
      ? NONE
      : await documentsByKey(
        place.link,
        model,
        conflict,
        keysOfBatch(key, rest),
      );
    const folded = fold(statement, rest, there);
    const news = folded.filter(({ before }) => before === undefined);
    const changed = folded.filter(({ before, set }) =>
      before !== undefined && set !== undefined
    );
    const sent = await sendNews(place, statement, key, news);
    outcome.inserted += sent.inserted;
    const lost = new Set<string | undefined>(sent.lost);
    const updated = await sendChanges(place, statement, key, changed);
    outcome.updated += updated;
    if (updated < changed.length) {
      for (const { identity } of changed) lost.add(identity);
    }
    if (lost.size === 0) return;
    rest = lostOf(rest, lost);
  }
}

function lostOf(
  batch: readonly Change[],
  lost: ReadonlySet<string | undefined>,
): readonly Change[] {
  return lost.size === 0
    ? []
    : batch.filter(({ identity }) => lost.has(identity));
}

/** New rows. One whose key was taken meanwhile is to become a change; where another of its keys is taken, that is an error. */
async function sendNews(
  place: Place,
  { model, conflict }: UpsertStatement,
  key: UniqueKey,
  news: readonly Folded[],
): Promise<{ inserted: number; lost: readonly (string | undefined)[] }> {
  const documents = news.map(({ now }) => derive(model, now));
  if (place.scope !== undefined) {
    const sifted = await sift(place.link, model, uniqueKeys(model), documents);
    if (sifted.taken > 0) throw taken(model, sifted.key);
  }
  const sent = await inLanes(
    documents,
    place.scope !== undefined,
    async (part, from) => {
      const { inserted, taken } = await sendNew(place, model, part);
      return { inserted, taken, from };
    },
  );
  const refused = sent.flatMap(({ taken, from }) =>
    taken.flatMap(({ index, message }) => {
      const row = news[from + index];
      return row === undefined ? [] : [{ ...row, message }];
    })
  );
  const there = await documentsByKey(
    place.link,
    model,
    conflict,
    refused.filter(({ identity }) => identity !== undefined)
      .map(({ now }) => key.of(now)),
    conflict,
  );
  for (const { identity, message } of refused) {
    if (identity === undefined || !there.has(identity)) {
      throw takenError(model, model.table, message);
    }
  }
  return {
    inserted: sent.reduce((sum, { inserted }) => sum + inserted, 0),
    lost: refused.map(({ identity }) => identity),
  };
}

function keysOfBatch(
  key: UniqueKey,
  batch: readonly Change[],
): readonly (readonly unknown[])[] {
  const keys = new Map<string, readonly unknown[]>();
  for (const { identity, document } of batch) {
    if (identity !== undefined) keys.set(identity, key.of(document));
  }
  return [...keys.values()];
}
