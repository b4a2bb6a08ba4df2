import type { Collection, Document } from "mongodb";
import type { Field } from "../../../model/field.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { withDerived } from "../../codec/derived.ts";
import { codecOf } from "../../codec/field_codec.ts";
import { fieldCopier } from "../../codec/field_copier.ts";
import { duplicatesIn } from "../../link/duplicate_key.ts";
import type { CallOptions } from "../../link/link.ts";
import { countIn } from "../../link/mongo_error.ts";
import type { WriteContext } from "../base/write_context.ts";
import type { BatchStates } from "./batch_states.ts";
import { inParallel } from "./in_parallel.ts";
import { newDocumentOf, type UpsertRow } from "./upsert_row.ts";

/** If at least this share of a batch's rows are updates, the next batch is sent without reading: a read costs this process more than the server's search for each key. */
const MANY_UPDATES = 0.3;

/** In a batch of at most this many rows, the server looks up each key: one command takes less time than a read and two writes. */
const FEW_ROWS = 16;

/** The result of a batch. */
interface UnreadUpsert {
  readonly inserted: number;
  readonly updated: number;
  /** The keys of rows that were not written, because another unique key already exists. */
  readonly refused: ReadonlySet<string>;
}

/** One upsert for all rows with the same key. */
interface Operation {
  readonly identity: string;
  /** A row's document, with the key. */
  readonly document: Document;
  readonly filter: Document;
  /** Fields to set in a new or an existing document. */
  readonly set: Document;
  /** Further fields of a new document. */
  readonly setOnInsert: Document | undefined;
}

/** Remembers whether a model's upserts update many rows. */
export function rememberUpdates(
  { upsertsMostlyUpdating }: WriteContext,
  { model }: UpsertStatement,
  updated: number,
  rows: number,
): void {
  if (updated >= rows * MANY_UPDATES) upsertsMostlyUpdating.add(model);
  else upsertsMostlyUpdating.delete(model);
}

/**
 * Writes a batch without reading the existing documents: the server finds each
 * key, updates or inserts the document, and reports which. A number that another
 * program stored in another width counts as an update.
 *
 * @returns undefined, without writing, if the changes depend on the existing documents, or if few rows probably exist
 */
export async function upsertUnread(
  context: WriteContext,
  statement: UpsertStatement,
  batch: readonly UpsertRow[],
  states: BatchStates,
): Promise<UnreadUpsert | undefined> {
  const { model } = statement;
  if (
    (batch.length > FEW_ROWS && !context.upsertsMostlyUpdating.has(model)) ||
    !isIndependent(context, statement)
  ) return undefined;
  const operations = operationsOf(statement, batch);
  if (operations === undefined) return undefined;
  const results = await context.link.send({
    table: model.table,
    command: { name: "update", parts: { documents: operations.length } },
    work: (collection, options) =>
      inParallel(
        operations,
        options.session !== undefined,
        async (part): Promise<UnreadUpsert> => {
          try {
            const { upsertedCount, modifiedCount } = await states.track(
              part.map(({ document }) => document),
              () => sendUpserts(collection, part, options),
            );
            return {
              inserted: upsertedCount,
              updated: modifiedCount,
              refused: new Set(),
            };
          } catch (error) {
            const duplicates = duplicatesIn(error);
            if (duplicates === undefined) throw error;
            return {
              inserted: countIn(error, "upsertedCount"),
              updated: countIn(error, "modifiedCount"),
              refused: new Set(
                duplicates.flatMap(({ index }) => part[index]?.identity ?? []),
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
    refused: one.refused.union(other.refused),
  }));
}

/** Sends operations in one command; a single one without the driver's machinery for many. */
function sendUpserts(
  collection: Collection,
  operations: readonly Operation[],
  options: CallOptions,
): Promise<{ upsertedCount: number; modifiedCount: number }> {
  const [only] = operations;
  return operations.length === 1 && only !== undefined
    ? collection.updateOne(only.filter, updateOf(only), {
      ...options,
      upsert: true,
    })
    : collection.bulkWrite(
      operations.map((operation) => ({
        updateOne: {
          filter: operation.filter,
          update: updateOf(operation),
          upsert: true,
        },
      })),
      { ...options, ordered: false },
    );
}

function updateOf({ set, setOnInsert }: Operation): Document {
  return setOnInsert === undefined
    ? { $set: set }
    : { $set: set, $setOnInsert: setOnInsert };
}

/** Whether the changes are independent of the existing documents, no rows are returned, and a duplicate cannot abort a transaction. */
function isIndependent(
  { scope }: WriteContext,
  { model, prefer, merge, returning }: UpsertStatement,
): boolean {
  return scope === undefined && returning === undefined &&
    prefer.length === 0 && merge.size === 0 &&
    model.fields.every(({ onUpdate, type }) =>
      // The server counts JSON with its keys in another order as a change.
      onUpdate === undefined && codecOf(type).equality !== "json"
    );
}

/** One operation per key; undefined if a row is incomplete or changes nothing. */
function operationsOf(
  { model, conflict, update }: UpsertStatement,
  batch: readonly UpsertRow[],
): readonly Operation[] | undefined {
  const key = new Set(conflict.map(({ column }) => column));
  const updated = new Set((update ?? model.fields).map(({ column }) => column));
  const setFields = model.fields.filter(({ column }) =>
    !key.has(column) && updated.has(column)
  );
  const copySet = fieldCopier(model, setFields);
  const operations = new Map<string, Operation>();
  for (const row of batch) {
    const { identity, isComplete, document } = row;
    if (!isComplete || identity === undefined) return undefined;
    const set = row.encodeNew === undefined
      ? copySet(document)
      : givenFields(document, setFields);
    const count = row.encodeNew === undefined
      ? setFields.length
      : Object.keys(set).length;
    if (count === 0) return undefined;
    const previous = operations.get(identity);
    if (previous !== undefined) {
      Object.assign(previous.set, set);
      for (const column in set) delete previous.setOnInsert?.[column];
      continue;
    }
    operations.set(identity, {
      identity,
      document,
      filter: keyFilter(conflict, document),
      set,
      setOnInsert: count + key.size === model.fields.length
        ? undefined
        : withoutColumns(newDocumentOf(row), key, set),
    });
  }
  return model.mongo.derived.size === 0
    ? [...operations.values()]
    : addDerivedValues(model, operations.values());
}

/** The given ones of some fields. */
function givenFields(document: Document, fields: readonly Field[]): Document {
  const given: Document = {};
  for (const { column } of fields) {
    if (Object.hasOwn(document, column)) given[column] = document[column];
  }
  return given;
}

function keyFilter(key: readonly Field[], document: Document): Document {
  const filter: Document = {};
  for (const { column } of key) {
    const value: unknown = document[column];
    filter[column] = typeof value === "object" ? { $eq: value } : value;
  }
  return filter;
}

/** The operations with derived values; undefined if these depend on the existing documents. */
function addDerivedValues(
  model: AnyModel,
  operations: Iterable<Operation>,
): readonly Operation[] | undefined {
  const result: Operation[] = [];
  for (const operation of operations) {
    const set = withDerived(model, operation.set);
    if (set === undefined) return undefined;
    for (const column in set) delete operation.setOnInsert?.[column];
    result.push({ ...operation, set });
  }
  return result;
}

function withoutColumns(
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
