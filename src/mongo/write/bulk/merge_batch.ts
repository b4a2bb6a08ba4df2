import type { Document } from "mongodb";
import { SerializationError } from "../../../base/errors/mod.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { repeatedRows } from "../../../query/write/repeated_rows.ts";
import { addDerived } from "../../codec/derived.ts";
import { duplicateKeyError } from "../../link/duplicate_key.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import { insertTracked } from "../base/insert_documents.ts";
import {
  type UniqueKey,
  uniqueKeyError,
  uniqueKeys,
  withoutDuplicates,
} from "../base/unique_key.ts";
import type { WriteContext } from "../base/write_context.ts";
import type { BatchStates } from "./batch_states.ts";
import { type FoldedRow, foldRows } from "./fold_rows.ts";
import { inParallel } from "./in_parallel.ts";
import { sendUpdates } from "./send_updates.ts";
import { upsertUnread } from "./upsert_unread.ts";
import type { UpsertRow } from "./upsert_row.ts";

/** Attempts for rows of a batch that other writers change at the same time. */
const ATTEMPTS = 20;
const NONE: ReadonlyMap<string, Document> = new Map();

/** The rows of an upsert that were written so far. */
interface MergeCounts {
  inserted: number;
  updated: number;
  /** Documents with the keys of the written rows by their identities, if the statement returns rows. */
  readonly written: Map<string | undefined, Document> | undefined;
}

/**
 * Writes a batch: inserts new rows and updates existing ones.
 *
 * @param assumeNew whether the rows are sent as new without reading; the server refuses existing ones
 * @param counts is increased by the rows written
 */
export async function mergeBatch(
  context: WriteContext,
  statement: UpsertStatement,
  key: UniqueKey,
  batch: readonly UpsertRow[],
  assumeNew: boolean,
  counts: MergeCounts,
  states: BatchStates,
): Promise<void> {
  const { model, conflict, isUnique } = statement;
  let rest = batch;
  const unread = await upsertUnread(context, statement, batch, states);
  if (unread !== undefined) {
    counts.inserted += unread.inserted;
    counts.updated += unread.updated;
    rest = rowsWithKey(batch, unread.refused);
  }
  for (let attempt = 1; rest.length > 0; attempt++) {
    if (attempt > ATTEMPTS) {
      throw new SerializationError(
        `Cannot write ${model.name}: other writers keep changing the same rows. Run the call again`,
      );
    }
    const isUnread = assumeNew && attempt === 1 &&
      rest.every(({ isComplete }) => isComplete);
    const existing = isUnread ? NONE : await documentsByKey(
      context.link,
      model,
      conflict,
      keysOf(key, rest),
      undefined,
      context.upsertsMostlyUpdating.has(model) ? [] : documentsOf(rest),
      isUnique ? undefined : (document) => refuseRepeated(statement, document),
    );
    const folded = foldRows(statement, rest, existing);
    const newRows = folded.filter(({ before }) => before === undefined);
    const changedRows = folded.filter(({ before, changes }) =>
      before !== undefined && changes !== undefined
    );
    const result = await insertRows(context, statement, key, newRows, states);
    counts.inserted += result.inserted;
    const refused = new Set<string | undefined>(result.existing);
    const { matched, updated } = await sendUpdates(
      context,
      statement,
      key,
      changedRows,
      states,
    );
    counts.updated += updated;
    // If another writer changed some of the updated rows, the next attempt may find them as they should be.
    for (const { identity, after } of [...newRows, ...changedRows]) {
      if (!refused.has(identity)) counts.written?.set(identity, after);
    }
    if (matched < changedRows.length) {
      for (const { identity } of changedRows) refused.add(identity);
    }
    rest = rowsWithKey(rest, refused);
  }
}

/** @throws {MultipleRowsError} with the key that several documents have */
function refuseRepeated(
  statement: UpsertStatement,
  document: Document,
): never {
  throw repeatedRows(
    statement,
    statement.conflict.map(({ column }) => document[column]),
  );
}

/** The documents of whole rows, which stored ones may equal. */
function documentsOf(rows: readonly UpsertRow[]): readonly Document[] {
  return rows.flatMap(({ document, encodeNew }) =>
    encodeNew === undefined ? [document] : []
  );
}

function rowsWithKey(
  batch: readonly UpsertRow[],
  keys: ReadonlySet<string | undefined>,
): readonly UpsertRow[] {
  return keys.size === 0
    ? []
    : batch.filter(({ identity }) => keys.has(identity));
}

/**
 * Inserts new rows.
 *
 * @returns the keys of rows that exist by now, and so must be updated
 * @throws {DuplicateKeyError} if another unique key of a row already exists
 */
async function insertRows(
  context: WriteContext,
  { model, conflict }: UpsertStatement,
  key: UniqueKey,
  rows: readonly FoldedRow[],
  states: BatchStates,
): Promise<{ inserted: number; existing: readonly (string | undefined)[] }> {
  const { link, scope } = context;
  const documents = rows.map(({ after }) => addDerived(model, after));
  if (scope !== undefined) {
    const { duplicates, duplicateKey } = await withoutDuplicates(
      link,
      model,
      uniqueKeys(model),
      documents,
    );
    if (duplicates > 0) throw uniqueKeyError(model, duplicateKey);
  }
  const results = await inParallel(
    documents,
    scope !== undefined,
    async (part, from) => {
      const result = await insertTracked(context, model, part, states);
      return { ...result, from };
    },
  );
  const refused = results.flatMap(({ duplicates, from }) =>
    duplicates.flatMap(({ index, message }) => {
      const row = rows[from + index];
      return row === undefined ? [] : [{ ...row, message }];
    })
  );
  const existing = await documentsByKey(
    link,
    model,
    conflict,
    refused.filter(({ identity }) => identity !== undefined)
      .map(({ after }) => key.valuesOf(after)),
    conflict,
  );
  for (const { identity, message } of refused) {
    if (identity === undefined || !existing.has(identity)) {
      throw duplicateKeyError(model, model.table, message);
    }
  }
  return {
    inserted: results.reduce((sum, { inserted }) => sum + inserted, 0),
    existing: refused.map(({ identity }) => identity),
  };
}

function keysOf(
  key: UniqueKey,
  batch: readonly UpsertRow[],
): readonly (readonly unknown[])[] {
  const keys = new Map<string, readonly unknown[]>();
  for (const { identity, document } of batch) {
    if (identity === undefined || keys.has(identity)) continue;
    keys.set(identity, key.valuesOf(document));
  }
  return [...keys.values()];
}
