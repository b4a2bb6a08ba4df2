import type { UpsertStatement } from "../../../query/statement/statement.ts";
import { keysFilter } from "../../compile/keys.ts";
import { refuseDuplicates } from "../base/refuse_duplicates.ts";
import type { UniqueKey } from "../base/unique_key.ts";
import type { WriteContext } from "../base/write_context.ts";
import type { BatchStates } from "./batch_states.ts";
import type { FoldedRow } from "./fold_rows.ts";
import { inParallel } from "./in_parallel.ts";
import { createRowUpdate } from "./row_update.ts";

/** The result of updates. */
interface UpdateCounts {
  /** The number of documents found as they were read. */
  readonly matched: number;
  /** The number of changed documents. */
  readonly updated: number;
}

const NONE: UpdateCounts = { matched: 0, updated: 0 };

/**
 * Updates existing documents by key. A document whose `prefer` fields, or other
 * values that decided about its changes, have changed since it was read is not
 * updated.
 */
export async function sendUpdates(
  context: WriteContext,
  statement: UpsertStatement,
  key: UniqueKey,
  rows: readonly FoldedRow[],
  states: BatchStates,
): Promise<UpdateCounts> {
  if (rows.length === 0) return NONE;
  const { model, merge } = statement;
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
  const updateOf = createRowUpdate(statement);
  const operations = rows.map((row) => ({ updateOne: updateOf(row) }));
  return await link.send({
    table: model.table,
    command: { name: "update", parts: { documents: operations.length } },
    work: async (collection, options) => {
      const results = await inParallel(
        operations,
        options.session !== undefined,
        async (part, from): Promise<UpdateCounts> => {
          const documents = rows.slice(from, from + part.length)
            .map(({ after }) => after);
          const { matchedCount, modifiedCount } = await states.track(
            documents,
            () => collection.bulkWrite(part, { ...options, ordered: false }),
          );
          // Which of them another writer changed is known after the next read.
          if (matchedCount < part.length) states.add("unknown", documents);
          return {
            matched: matchedCount,
            // Another writer may have made the value that $min and $max would store.
            updated: merge.size === 0 ? matchedCount : modifiedCount,
          };
        },
      );
      return results.reduce((one, other) => ({
        matched: one.matched + other.matched,
        updated: one.updated + other.updated,
      }));
    },
    rows: ({ matched }) => matched,
  });
}
