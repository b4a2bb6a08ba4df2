import type { Document } from "mongodb";
import type { UpdateStatement } from "../../query/statement/statement.ts";
import { incremented, withIncrements } from "../../query/write/out_of_range.ts";
import { refuseUnstorable } from "../codec/refusal.ts";
import { encodeValues } from "../codec/row_encoder.ts";
import { compileFilter, compileFilters } from "../compile/filter.ts";
import { refuseOperations, updateOf } from "../compile/update.ts";
import { matchesOneRow } from "../compile/matches_one_row.ts";
import { isOutOfRange } from "../compile/sum.ts";
import { refuseCollatedParts } from "../read/refuse_collated_parts.ts";
import {
  changedKeys,
  previewChanges,
  refuseDuplicates,
} from "./base/refuse_duplicates.ts";
import type { WriteContext } from "./base/write_context.ts";
import { runParts } from "./run_parts.ts";

/**
 * Sets the same values in all matching rows.
 *
 * @returns the number of matching rows
 */
export async function update(
  context: WriteContext,
  statement: UpdateStatement,
): Promise<number> {
  const { model, where, set, operations } = statement;
  refuseUnstorable(model, set, 0);
  refuseOperations(model, operations);
  const values = encodeValues(set);
  if (matchesOneRow(model, where)) {
    const filter = compileFilter(model, where);
    // Outside a transaction, the update of one row is atomic anyway.
    const isChecked = context.scope !== undefined;
    return await updateMatches(context, statement, filter, values, isChecked);
  }
  const changed = new Set([...set.keys()].map(({ name }) => name));
  const filters = compileFilters(model, where, changed);
  if (filters.length > 1) await refuseCollatedParts(context, model);
  return await runParts(
    context,
    "changed",
    filters,
    (filter) => updateMatches(context, statement, filter, values, true),
  );
}

/** Updates the rows of one filter; `isChecked` if duplicates of unique keys are refused first. */
async function updateMatches(
  context: WriteContext,
  { model, operations }: UpdateStatement,
  filter: Document,
  values: Document,
  isChecked: boolean,
): Promise<number> {
  const { link, undoLog } = context;
  const change = updateOf(model, values, operations);
  if (isChecked) {
    await refuseDuplicates(
      context,
      model,
      new Set(Object.keys(values)),
      () => previewChanges(context, model, filter, () => values),
    );
  }
  await undoLog?.recordMatches(model, filter);
  const send = () =>
    link.send({
      table: model.table,
      command: { name: "update", parts: { filter, update: change } },
      work: async (collection, options) => {
        const { matchedCount } = await collection.updateMany(
          filter,
          change,
          options,
        );
        return matchedCount;
      },
      rows: (count) => count,
    });
  return await withIncrements({ model, operations }, isOutOfRange, send);
}

/** Whether an update sets a part of a unique key in several rows, or increments several, and so may fail after it changed some. */
export function mayFailHalfway(
  { model, where, set, operations }: UpdateStatement,
): boolean {
  if (matchesOneRow(model, where)) return false;
  if (incremented(operations).length > 0) return true;
  const columns = new Set([...set.keys()].map(({ column }) => column));
  return changedKeys(model, columns).length > 0;
}
