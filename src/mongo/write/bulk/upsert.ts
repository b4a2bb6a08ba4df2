import type { Document } from "mongodb";
import { QueryError } from "../../../base/errors/mod.ts";
import type {
  Outcome,
  UpsertStatement,
} from "../../../query/statement/statement.ts";
import { refuseTextOrder } from "../../compile/refuse_text_order.ts";
import { rowDecoder } from "../../codec/row_decoder.ts";
import { documentsByKey } from "../../read/documents_by_key.ts";
import { keyIdentities } from "../../read/key_identities.ts";
import { bulkWriteError } from "../base/partial_write.ts";
import { comparesByBytes } from "../base/compares_by_bytes.ts";
import { createRowStates } from "../base/row_states.ts";
import { type UniqueKey, uniqueKey } from "../base/unique_key.ts";
import type { WriteContext } from "../base/write_context.ts";
import { createKeyLock } from "./lock_keys.ts";
import { createBatchStates } from "./batch_states.ts";
import { batches } from "./batches.ts";
import { mergeBatch } from "./merge_batch.ts";
import {
  refuseIncomplete,
  type UpsertRow,
  upsertRowEncoder,
} from "./upsert_row.ts";
import { rememberUpdates } from "./upsert_unread.ts";

/** If at least this share of a batch's rows are new, the next batch is sent as new without reading. */
const MOSTLY_NEW = 0.95;
/** The first rows are written as a batch of their own: their outcome decides how the others are written. */
const PROBE_ROWS = 500;

/** Inserts new rows and updates existing ones. For each batch, it reads the existing documents, applies the rows in memory, and writes the differences. */
export async function upsert(
  context: WriteContext,
  statement: UpsertStatement,
): Promise<Outcome<UpsertStatement>> {
  const key = uniqueKey(statement.conflict);
  const ordered = [
    ...statement.prefer,
    ...[...statement.merge].flatMap(([field, rule]) =>
      rule === "ifNull" ? [] : [field]
    ),
  ];
  for (const field of ordered) {
    refuseTextOrder(statement.model, field, "upsert");
  }
  await refuseCollatedMerge(context, statement);
  const byBytes = await comparesByBytes(
    context,
    statement.model,
    statement.conflict,
  );
  const isArray = Array.isArray(statement.rows);
  const { returning } = statement;
  const counts = {
    inserted: 0,
    updated: 0,
    written: returning && new Map<string | undefined, Document>(),
  };
  let unchanged = 0;
  const rows: object[] = [];
  const states = createRowStates(statement.conflict, !isArray, false);
  let failure: { readonly error: unknown } | undefined;
  const lock = createKeyLock(context, statement, byBytes);
  const source = batches(statement.rows, upsertRowEncoder(statement), {
    documentOf: ({ document }) => document,
    async onHeld(rows) {
      await lock(rows);
      if (byBytes) await refuseIncomplete(context, statement, key, rows);
    },
    isStopped: () => failure !== undefined,
    onSourceError: (rows) => states.add("unwritten", documentsOf(rows)),
  });
  let assumeNew = false;
  let isFirst = true;
  async function write(batch: readonly UpsertRow[]): Promise<void> {
    const before = { ...counts };
    const batchStates = createBatchStates(key);
    try {
      await context.exclusively(async () => {
        await mergeBatch(
          context,
          statement,
          key,
          batch,
          assumeNew,
          counts,
          batchStates,
        );
        if (counts.written === undefined) return;
        const documents = [...counts.written.values()];
        counts.written.clear();
        rows.push(...await writtenRows(context, statement, key, documents));
      });
    } catch (error) {
      batchStates.addTo(states, batch);
      throw error;
    }
    states.add("written", documentsOf(batch));
    const inserted = counts.inserted - before.inserted;
    const updated = counts.updated - before.updated;
    unchanged += batch.length - inserted - updated;
    rememberUpdates(context, statement, updated, batch.length);
    assumeNew = context.scope === undefined &&
      inserted >= batch.length * MOSTLY_NEW;
  }
  try {
    for await (const batch of source) {
      await lock(batch);
      for (const row of batch) row.identity ??= key.identityOf(row.document);
      const parts = byBytes
        ? isFirst
          ? [batch.slice(0, PROBE_ROWS), batch.slice(PROBE_ROWS)]
          : [batch]
        : await rowsByKey(context, statement, key, batch);
      isFirst = false;
      for (const rows of parts) {
        if (rows.length === 0) continue;
        if (failure !== undefined) states.add("unwritten", documentsOf(rows));
        else await write(rows).catch((error) => void (failure = { error }));
      }
    }
    if (failure !== undefined) throw failure.error;
  } catch (error) {
    const written = counts.inserted + counts.updated;
    throw bulkWriteError(context, error, written, states);
  }
  const { inserted, updated } = counts;
  return returning === undefined
    ? { inserted, updated, unchanged }
    : { inserted, updated, unchanged, rows };
}

/** Reads the written rows of a batch, with what the server combined. */
async function writtenRows(
  { link }: WriteContext,
  { model, conflict, returning = [] }: UpsertStatement,
  key: UniqueKey,
  documents: readonly Document[],
): Promise<object[]> {
  const stored = await documentsByKey(
    link,
    model,
    conflict,
    documents.map((document) => key.valuesOf(document)),
    [...new Set([...returning, ...conflict])],
  );
  return [...stored.values()].map(rowDecoder(model, returning));
}

/**
 * Refuses to find the lesser or greater of two texts in a collection with a
 * collation, which orders them otherwise than this process.
 *
 * @throws {QueryError} with the field
 */
async function refuseCollatedMerge(
  context: WriteContext,
  { model, merge }: UpsertStatement,
): Promise<void> {
  for (const [field, rule] of merge) {
    if (rule === "ifNull" || await comparesByBytes(context, model, [field])) {
      continue;
    }
    throw new QueryError(
      `Cannot upsert ${model.name}: the collation of the collection ${model.table} orders ${field.name}, so the ${rule} text is known only to the server. Give it another rule, or use prefer`,
      { model: model.name, field: field.name },
    );
  }
}

/** Groups rows by their keys as the collation of the collection compares them; one row each if the server cannot tell. */
async function rowsByKey(
  context: WriteContext,
  { model, conflict }: UpsertStatement,
  { valuesOf }: UniqueKey,
  batch: readonly UpsertRow[],
): Promise<readonly (readonly UpsertRow[])[]> {
  const identities = await keyIdentities(
    context,
    model,
    conflict,
    () => batch.map(({ document }) => valuesOf(document)),
  );
  const groups = Map.groupBy(
    batch.entries(),
    ([index]) => identities?.[index] ?? index,
  );
  return [...groups.values()].map((group) =>
    // The first row's key stands for the keys of all.
    group.map(([, row]) => ({ ...row, identity: group[0]?.[1].identity }))
  );
}

function documentsOf(batch: readonly UpsertRow[]): readonly Document[] {
  return batch.map(({ document }) => document);
}
