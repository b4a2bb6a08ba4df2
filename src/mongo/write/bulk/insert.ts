import type { Document } from "mongodb";
import { BSON } from "../../link/mongodb.ts";
import type { AnyModel } from "../../../model/types.ts";
import { isColumnRows } from "../../../query/statement/column_rows.ts";
import type {
  InsertStatement,
  Outcome,
} from "../../../query/statement/statement.ts";
import { bsonRowDecoder } from "../../codec/bson_row_decoder.ts";
import { sizeAssertion } from "../../codec/document_size.ts";
import { newRowEncoder } from "../../codec/row_encoder.ts";
import { duplicateKeyError } from "../../link/duplicate_key.ts";
import { type InsertResult, insertTracked } from "../base/insert_documents.ts";
import { bulkWriteError } from "../base/partial_write.ts";
import { comparesByBytes } from "../base/compares_by_bytes.ts";
import { createRowStates, type RowStates } from "../base/row_states.ts";
import {
  type Deduplicated,
  type UniqueKey,
  uniqueKeyError,
  uniqueKeys,
  withoutDuplicates,
} from "../base/unique_key.ts";
import type { WriteContext } from "../base/write_context.ts";
import { batches } from "./batches.ts";
import { haveCommonKey, keyIdentities } from "./key_identities.ts";

/** The most batches that are sent and not yet answered. */
const MAX_IN_FLIGHT = 2;
/** If a greater share of a batch is refused, the keys of the next batch are looked up first. */
const MANY_REFUSED = 0.05;

/** The progress of an insert. */
interface Progress {
  inserted: number;
  ignored: number;
  readonly states: RowStates;
  /** The inserted rows of each batch, if the statement returns rows. */
  readonly written: (readonly object[])[] | undefined;
  failure: { readonly error: unknown } | undefined;
}

/** Inserts rows. Outside a transaction each batch is written separately, and an error lists the rows that were written. */
export async function insert(
  context: WriteContext,
  statement: InsertStatement,
): Promise<Outcome<InsertStatement>> {
  const { model, rows, onConflict } = statement;
  const isArray = Array.isArray(rows);
  // Rows of other sources may change later.
  const encode = newRowEncoder(model, !isArray && !isColumnRows(rows));
  const assertSize = sizeAssertion(model);
  const key = uniqueKeys(model)[0]?.fields ?? [];
  const states = createRowStates(key, !isArray, true);
  const progress: Progress = {
    inserted: 0,
    ignored: 0,
    states,
    written: statement.returning && [],
    failure: undefined,
  };
  const source = batches(
    rows,
    (row, index) => {
      const document = encode(row, index);
      assertSize?.(document, index);
      return document;
    },
    {
      documentOf: (document) => document,
      isStopped: () => progress.failure !== undefined,
      onSourceError: (documents) => states.add("unwritten", documents),
    },
  );
  const byBytes = await comparesByBytes(
    context,
    model,
    uniqueKeys(model).flatMap(({ fields }) => fields),
  );
  const insertBatches = context.scope !== undefined || onConflict === "error"
    ? insertAfterLookup
    : insertDirectly;
  try {
    await insertBatches(context, statement, source, byBytes, progress);
    if (progress.failure !== undefined) throw progress.failure.error;
  } catch (error) {
    throw bulkWriteError(context, error, progress.inserted, states);
  }
  const { inserted, ignored, written } = progress;
  return written === undefined
    ? { inserted, ignored }
    : { inserted, ignored, rows: written.flat() };
}

/** Returns a function that keeps the inserted rows of the next batch. */
function keeperOf(
  { model, returning }: InsertStatement,
  { written }: Progress,
): (documents: readonly Document[], result: InsertResult) => void {
  if (returning === undefined || written === undefined) return () => {};
  const at = written.push([]) - 1;
  return (documents, { duplicates }) => {
    const refused = new Set(duplicates.map(({ index }) => index));
    const inserted = documents.filter((_, index) => !refused.has(index));
    written[at] = bsonRowDecoder(model, returning)(
      inserted.map((document) => BSON.serialize(document)),
    );
  };
}

/** Looks up the keys of each batch before writing it. */
async function insertAfterLookup(
  context: WriteContext,
  statement: InsertStatement,
  source: AsyncIterable<readonly Document[]>,
  byBytes: boolean,
  progress: Progress,
): Promise<void> {
  const { model, onConflict } = statement;
  const { states } = progress;
  const keys = uniqueKeys(model);
  const ignores = onConflict === "ignore";
  async function insertBatch(batch: readonly Document[]): Promise<void> {
    const keep = keeperOf(statement, progress);
    const { documents, duplicates, duplicateKey } = await lookUpDuplicates(
      context,
      model,
      keys,
      batch,
      states,
    );
    if (duplicates > 0 && !ignores) {
      states.add("unwritten", batch);
      throw uniqueKeyError(model, duplicateKey);
    }
    const result = await insertTracked(
      context,
      model,
      documents,
      states,
      ignores,
    );
    keep(documents, result);
    progress.inserted += result.inserted;
    progress.ignored += duplicates + result.duplicates.length;
    const [refused] = result.duplicates;
    if (refused !== undefined && !ignores) {
      throw duplicateKeyError(model, model.table, refused.message);
    }
  }
  for await (const all of source) {
    const parts = byBytes || !ignores ? [all] : all.map((one) => [one]);
    for (const documents of parts) {
      if (progress.failure !== undefined) states.add("unwritten", documents);
      else {
        await context.exclusively(() => insertBatch(documents))
          .catch((error) => void (progress.failure = { error }));
      }
    }
  }
}

/** Sends each batch at once; the server reports duplicates. */
async function insertDirectly(
  context: WriteContext,
  statement: InsertStatement,
  source: AsyncIterable<readonly Document[]>,
  byBytes: boolean,
  progress: Progress,
): Promise<void> {
  const { model } = statement;
  const { states } = progress;
  const { insertsMeetingRows } = context;
  const keys = uniqueKeys(model);
  const inFlight = new Map<Promise<void>, readonly Set<unknown>[]>();
  const insertBatch = async (batch: readonly Document[]): Promise<void> => {
    const keep = keeperOf(statement, progress);
    const { documents } = insertsMeetingRows.has(model)
      ? await lookUpDuplicates(context, model, keys, batch, states)
      : { documents: batch };
    const result = await insertTracked(context, model, documents, states, true);
    keep(documents, result);
    const { inserted } = result;
    const ignored = batch.length - inserted;
    progress.inserted += inserted;
    progress.ignored += ignored;
    // A lookup is cheap; a refused document costs more than a written one.
    if (ignored > batch.length * MANY_REFUSED) insertsMeetingRows.add(model);
    else insertsMeetingRows.delete(model);
  };
  try {
    for await (const documents of source) {
      const identities = keyIdentities(keys, documents);
      // The first of two rows with the same key counts, so the second waits until the first is written.
      for (const [sending, others] of inFlight) {
        if (!byBytes || haveCommonKey(identities, others)) await sending;
      }
      if (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight.keys());
      if (progress.failure !== undefined) {
        states.add("unwritten", documents);
        continue;
      }
      const sending: Promise<void> = insertBatch(documents)
        .catch((error) => void (progress.failure ??= { error }))
        .finally(() => inFlight.delete(sending));
      inFlight.set(sending, identities);
    }
  } finally {
    await Promise.all(inFlight.keys());
  }
}

async function lookUpDuplicates(
  { link }: WriteContext,
  model: AnyModel,
  keys: readonly UniqueKey[],
  documents: readonly Document[],
  states: RowStates,
): Promise<Deduplicated> {
  try {
    return await withoutDuplicates(link, model, keys, documents);
  } catch (error) {
    states.add("unwritten", documents);
    throw error;
  }
}
