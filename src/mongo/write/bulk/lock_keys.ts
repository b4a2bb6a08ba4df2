import type { Document } from "mongodb";
import { QueryError } from "../../../base/errors/mod.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { partIdentity } from "../../compile/keys.ts";
import { UPSERT_LOCKS } from "../../schema/own_collections.ts";
import type { WriteContext } from "../base/write_context.ts";
import type { UpsertRow } from "./upsert_row.ts";

/** The number of locks of a collection, which its keys share. */
const LOCKS = 64;

/**
 * The function that keeps other upserts without a unique key from writing the
 * keys of rows until the transaction ends: it changes a document for them, and
 * the server refuses a second transaction that changes it, also one that began
 * before the first one was committed. It locks the values of the first field of
 * the key, in the order of the model, so that all such upserts of a collection
 * agree. For a unique key it does nothing.
 *
 * @param byBytes whether equal keys are the same values
 * @throws {QueryError} if the server has no transactions
 */
export function createKeyLock(
  { link, scope, collections }: WriteContext,
  { model, conflict, isUnique }: UpsertStatement,
  byBytes: boolean,
): (rows: readonly UpsertRow[]) => Promise<void> {
  if (isUnique) return () => Promise.resolve();
  if (scope === undefined) {
    throw new QueryError(
      `Cannot upsert ${model.name}: the fields of conflict are not a unique key, so the call needs a transaction, and this MongoDB server has none. Run it as a replica set, or declare a unique key`,
      { model: model.name, field: "conflict" },
    );
  }
  const field = model.fields.find((field) => conflict.includes(field));
  const held = new Set<number>();
  const lockOf = (document: Document): number =>
    byBytes && field !== undefined
      ? hash(partIdentity(document[field.column]) ?? "") % LOCKS
      : 0;
  return async (rows) => {
    const locks = new Set(rows.map(({ document }) => lockOf(document)))
      .difference(held);
    if (locks.size === 0) return;
    await collections.ensureExists(UPSERT_LOCKS);
    const operations = [...locks].sort((one, other) => one - other)
      .map((lock) => {
        const filter: Document = { _id: `${model.table} ${lock}` };
        return {
          updateOne: { filter, update: { $inc: { uses: 1 } }, upsert: true },
        };
      });
    await link.send({
      table: UPSERT_LOCKS,
      command: { name: "update", parts: { documents: operations.length } },
      work: (collection, options) => collection.bulkWrite(operations, options),
      rows: () => 0,
    });
    for (const lock of locks) held.add(lock);
  };
}

/** Returns a whole number for a text, the same in every process (FNV-1a). */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  }
  return value >>> 0;
}
