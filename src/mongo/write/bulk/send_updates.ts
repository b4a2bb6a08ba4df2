import type { Document } from "mongodb";
import type { Field } from "../../../model/field.ts";
import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { updateWithDerived } from "../../codec/derived.ts";
import { keysFilter } from "../../compile/keys.ts";
import { refuseDuplicates } from "../base/refuse_duplicates.ts";
import type { UniqueKey } from "../base/unique_key.ts";
import type { WriteContext } from "../base/write_context.ts";
import type { BatchStates } from "./batch_states.ts";
import type { FoldedRow } from "./fold_rows.ts";
import { inParallel } from "./in_parallel.ts";

/**
 * Updates existing documents by key. A document whose `prefer` fields have
 * changed since it was read is not updated.
 *
 * @returns the number of updated documents
 */
export async function sendUpdates(
  context: WriteContext,
  { model, prefer }: UpsertStatement,
  key: UniqueKey,
  rows: readonly FoldedRow[],
  states: BatchStates,
): Promise<number> {
  if (rows.length === 0) return 0;
  const { link, scope, undoLog } = context;
  if (scope !== undefined) {
    await refuseDuplicates(
      context,
      model,
      new Set(rows.flatMap(({ changes = {} }) => Object.keys(changes))),
      () =>
        Promise.resolve(
          rows.map(({ before = {}, after }) => ({ before, after })),
        ),
    );
  }
  await undoLog?.recordMatches(
    model,
    keysFilter(key.fields, rows.map(({ after }) => key.valuesOf(after))),
  );
  const compared = [...key.fields, ...prefer];
  const operations = rows.map(({ before = {}, changes = {} }) => ({
    updateOne: {
      filter: equalityFilter(compared, before),
      update: updateWithDerived(model, changes),
    },
  }));
  return await link.send({
    table: model.table,
    command: { name: "update", parts: { documents: operations.length } },
    work: async (collection, options) => {
      const matched = await inParallel(
        operations,
        options.session !== undefined,
        async (part, from) => {
          const documents = rows.slice(from, from + part.length)
            .map(({ after }) => after);
          const { matchedCount } = await states.track(
            documents,
            () => collection.bulkWrite(part, { ...options, ordered: false }),
          );
          // Which of them another writer changed is known after the next read.
          if (matchedCount < part.length) states.add("unknown", documents);
          return matchedCount;
        },
      );
      return matched.reduce((sum, count) => sum + count, 0);
    },
    rows: (count) => count,
  });
}

function equalityFilter(
  fields: readonly Field[],
  document: Document,
): Document {
  return Object.fromEntries(
    fields.map(({ column }) => [column, { $eq: document[column] ?? null }]),
  );
}
