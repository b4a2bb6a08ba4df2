import type { AnyBulkWriteOperation, Document } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { deriveAlong } from "../../codec/derived.ts";
import { countIn } from "../../link/driver_error.ts";
import type { Place } from "../base/write_context.ts";
import { takenIn } from "../../link/duplicate_key.ts";
import type { Fates } from "./send_changes.ts";
import { type Change, freshOf } from "./change.ts";
import { inLanes } from "./parallel_parts.ts";

/** The share of a batch's rows that must have been changes for the next batch to be sent without a look. */
const MOST = 0.9;

/** What came of a batch. */
export interface Overwritten {
  readonly inserted: number;
  readonly updated: number;
  /** The keys of rows that were not written: one of their keys is taken. */
  readonly lost: ReadonlySet<string>;
}

/** One upsert for all rows of a key. */
interface Operation {
  readonly identity: string;
  /** A row's, with the key in it. */
  readonly document: Document;
  readonly filter: Document;
  readonly set: Document;
  /** What a new document holds besides. */
  readonly others: Document | undefined;
}

/** Remembers whether a model's upserts mostly change what is there. */
export function remember(
  { overwriting }: Place,
  { model }: UpsertStatement,
  updated: number,
  rows: number,
): void {
  if (updated >= rows * MOST) overwriting.add(model);
  else overwriting.delete(model);
}

/**
 * Writes a batch without reading what is there: the server finds each key,
 * changes it or makes it, and says which. A number that another program wrote
 * in another width counts as a change.
 *
 * @returns undefined, and nothing is written, where it takes a look to know
 * what to write, or where few rows are likely to be there
 */
export async function overwrite(
  place: Place,
  statement: UpsertStatement,
  batch: readonly Change[],
  fates: Fates,
): Promise<Overwritten | undefined> {
  const { model } = statement;
  if (!place.overwriting.has(model) || !isBlind(place, statement)) {
    return undefined;
  }
  const operations = operationsOf(statement, batch);
  if (operations === undefined) return undefined;
  const results = await place.link.send({
    table: model.table,
    command: { name: "update", parts: { documents: operations.length } },
    work: (collection, options) =>
      inLanes(
        operations,
        options.session !== undefined,
        async (part): Promise<Overwritten> => {
          try {
            const { upsertedCount, modifiedCount } = await fates.sending(
              part.map(({ document }) => document),
              () =>
                collection.bulkWrite(
                  part.map(updateOf),
                  { ...options, ordered: false },
                ),
            );
            return {
              inserted: upsertedCount,
              updated: modifiedCount,
              lost: new Set(),
            };
          } catch (error) {
            const taken = takenIn(error);
            if (taken === undefined) throw error;
            return {
              inserted: countIn(error, "upsertedCount"),
              updated: countIn(error, "modifiedCount"),
              lost: new Set(
                taken.flatMap(({ index }) => part[index]?.identity ?? []),
              ),
            };
          }
        },
      ),
    rows: (results) =>
      results.reduce(
        (sum, { inserted, updated }) => sum + inserted + updated,
        0,
      ),
  });
  return results.reduce((one, other) => ({
    inserted: one.inserted + other.inserted,
    updated: one.updated + other.updated,
    lost: one.lost.union(other.lost),
  }));
}

function updateOf(
  { filter, set, others }: Operation,
): AnyBulkWriteOperation<Document> {
  const update = others === undefined
    ? { $set: set }
    : { $set: set, $setOnInsert: others };
  return { updateOne: { filter, update, upsert: true } };
}

/** Whether what is there decides nothing, and a key that is taken ends no transaction. */
function isBlind(
  { scope }: Place,
  { model, prefer }: UpsertStatement,
): boolean {
  return scope === undefined && prefer.length === 0 &&
    model.fields.every(({ onUpdate, type }) =>
      // The server takes JSON with its keys in another order for another value.
      onUpdate === undefined && type.kind !== "json"
    );
}

/** An operation a key; undefined where a row could not be a new one, or changes nothing. */
function operationsOf(
  { model, conflict, update }: UpsertStatement,
  batch: readonly Change[],
): readonly Operation[] | undefined {
  const key = new Set(conflict.map(({ column }) => column));
  const may = new Set((update ?? model.fields).map(({ column }) => column));
  const operations = new Map<string, Operation>();
  for (const row of batch) {
    const { identity, complete, document } = row;
    if (!complete || identity === undefined) return undefined;
    const set: Document = {};
    let count = 0;
    for (const column in document) {
      if (key.has(column) || !may.has(column)) continue;
      set[column] = document[column];
      count++;
    }
    if (count === 0) return undefined;
    const before = operations.get(identity);
    if (before !== undefined) {
      Object.assign(before.set, set);
      for (const column in set) delete before.others?.[column];
      continue;
    }
    operations.set(identity, {
      identity,
      document,
      filter: Object.fromEntries(
        conflict.map(({ column }) => [column, { $eq: document[column] }]),
      ),
      set,
      others: count + key.size === model.fields.length
        ? undefined
        : without(freshOf(row), key, set),
    });
  }
  return model.mongo.derived.size === 0
    ? [...operations.values()]
    : withDerived(model, operations.values());
}

/** The same with what is derived; undefined where that needs a look at the document. */
function withDerived(
  model: AnyModel,
  operations: Iterable<Operation>,
): readonly Operation[] | undefined {
  const derived: Operation[] = [];
  for (const operation of operations) {
    const set = deriveAlong(model, operation.set);
    if (set === undefined) return undefined;
    for (const column in set) delete operation.others?.[column];
    derived.push({ ...operation, set });
  }
  return derived;
}

function without(
  document: Document,
  key: ReadonlySet<string>,
  set: Document,
): Document {
  return Object.fromEntries(
    Object.entries(document).filter(([column]) =>
      !key.has(column) && !Object.hasOwn(set, column)
    ),
  );
}
