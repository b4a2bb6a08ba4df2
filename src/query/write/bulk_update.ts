import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { assertRows } from "../checks/rows.ts";
import type { Executor } from "../statement/executor.ts";
import { hasKeyOf } from "../statement/has_key_of.ts";
import type { Models } from "../statement/models.ts";
import type { Rows, UpdateEachStatement } from "../statement/statement.ts";
import { outlasting } from "../statement/outlast.ts";
import { countKeys, keyRow, missingKeys, movedOnError } from "./moved_rows.ts";
import {
  isVersioned,
  rowsAfter,
  rowsBefore,
  rowsFound,
} from "./rows_before.ts";
import { returnedInOrder, returnedRows, withKeyFields } from "./returning.ts";
import { updatedRows, updateWhere } from "./update_delete.ts";
import { grouped, readSteps } from "./update_steps.ts";

/** The maximum number of retries after a conflict with another transaction. */
const RETRIES = 3;

/** The result of `bulkUpdate`. */
export interface Updates {
  /** The number of updated rows. */
  readonly updated: number;
  /** The number of keys and filters that matched no row. */
  readonly missing: number;
  /** The number of existing rows whose change a trigger, a rule or a policy of the table discarded; left out if there are none. */
  readonly unchanged?: number;
  /** The updated rows, if the call requests fields of them. */
  readonly rows?: readonly object[];
}

/**
 * Makes a change of its own to each row, found by its key or by a filter, in one
 * transaction. It reads all rows first, because their source may use the database.
 */
export async function bulkUpdate(
  executor: Executor,
  model: AnyModel,
  rows: Rows<object>,
  models: Models,
  returning?: unknown,
): Promise<Updates> {
  assertRows(model, rows);
  const requested = returnedInOrder(model, returning);
  const read = await readSteps(model, rows, models);
  const steps = await grouped(executor, model, read);
  const key = requested?.order.map(({ field }) => field) ?? [];
  const returned = requested &&
    { ...requested, returning: withKeyFields(requested.returning, key) };
  const written: object[] = [];
  const alone = await updatedAlone(
    executor,
    steps,
    returned?.returning,
    (row) => written.push(row),
  );
  const counts = alone ?? await executor.transaction(async (tx) => {
    const total = { updated: 0, missing: 0 };
    let unchanged = 0;
    written.length = 0;
    const keep = (rows: readonly object[]): number => {
      for (const row of rows) written.push(row);
      return rows.length;
    };
    const add = (updated: number, found = updated): void => {
      total.updated += updated;
      unchanged += Math.max(found - updated, 0);
    };
    for (const step of steps) {
      if (step.kind === "updateEach") {
        const { changes } = step;
        const current = isVersioned(step) ? await countCurrent(tx, step) : 0;
        const before = await rowsBefore(tx, model, "update", hasKeyOf(step));
        const updated = returned === undefined ? await tx.run(step) : keep(
          await tx.run({
            ...step,
            kind: "updateEachReturning",
            returning: returned.returning,
          }),
        );
        const found = before ?? await rowsFound(tx, step, updated);
        if (Math.max(found ?? 0, updated) < current) {
          const rows = changes.map(({ key }) => keyRow(model, key));
          throw movedOnError("update", rows, rows.map(String), true);
        }
        add(updated, found);
        total.missing += changes.length - Math.max(found ?? 0, updated);
      } else {
        const before = await rowsBefore(tx, model, "update", step.where);
        const { where, set } = step;
        const updated = returned === undefined
          ? await updateWhere(tx, model, where, set)
          : keep(await updatedRows(tx, model, where, set, returned));
        const found = before ??
          (updated === 0 ? await rowsAfter(tx, model, step.where) : undefined);
        add(updated, found);
        if (Math.max(found ?? 0, updated) === 0) total.missing++;
      }
    }
    return unchanged === 0 ? total : { ...total, unchanged };
  }, outlasting({ retries: RETRIES }));
  if (requested === undefined) return counts;
  const given = {
    fields: key,
    keys: () =>
      read.flatMap((step) =>
        Array.isArray(step) ? step.map(({ key }) => key) : [[]]
      ),
  };
  return {
    ...counts,
    rows: await returnedRows(
      executor,
      model,
      requested.returning,
      given,
      written,
    ),
  };
}

/** Updates rows without a transaction; returns undefined if that needs one. */
async function updatedAlone(
  executor: Executor,
  [only, ...others]: Awaited<ReturnType<typeof grouped>>,
  returning: readonly Field[] | undefined,
  onRow: (row: object) => void,
): Promise<Updates | undefined> {
  if (only?.kind !== "updateEach" || others.length > 0) return undefined;
  const needsAll = isVersioned(only);
  if (needsAll && returning !== undefined) return undefined;
  const updated = await executor.updateAlone?.(
    returning === undefined
      ? { ...only, needsAll }
      : { ...only, kind: "updateEachReturning", returning },
    onRow,
  );
  if (updated === undefined) return undefined;
  const { length } = only.changes;
  const found = await rowsFound(executor, only, updated) ?? updated;
  // Other transactions may have added and deleted rows.
  const unchanged = Math.min(Math.max(found, updated), length) - updated;
  const missing = length - updated - unchanged;
  return unchanged === 0
    ? { updated, missing }
    : { updated, missing, unchanged };
}

/**
 * Returns the number of rows of an update that have the versions of their changes.
 *
 * @throws {StaleRowError} with those that exist and have another version
 */
async function countCurrent(
  executor: Executor,
  { model, key, changes }: UpdateEachStatement,
): Promise<number> {
  const versioned = changes.map(({ key }) => key);
  const fields = fieldsNamed(model, model.primaryKey);
  const plain = versioned.map((key) => key.slice(0, fields.length));
  const current = await countKeys(executor, model, key, versioned);
  if (current === changes.length) return current;
  if (await countKeys(executor, model, fields, plain) === current) {
    return current;
  }
  const changed = await missingKeys(executor, model, key, versioned);
  const missing = new Set(await missingKeys(executor, model, fields, plain));
  const rows = changed.filter((index) => !missing.has(index))
    .map((index) => keyRow(model, plain[index] ?? []));
  throw movedOnError("update", rows, rows.map(String));
}
