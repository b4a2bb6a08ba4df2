import type { AnyModel } from "../../model/types.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { StaleRowError } from "../../base/errors/mod.ts";
import type { Executor } from "../statement/executor.ts";

/** Returns the number of rows with one of these keys. */
export async function countKeys(
  executor: Executor,
  model: AnyModel,
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): Promise<number> {
  const where = { kind: "keys", fields, keys } as const;
  return await executor.run({ kind: "count", model, where, max: undefined });
}

/** Returns the indexes of keys that no row has. It counts halves of the list, because few keys are missing. */
export async function missingKeys(
  executor: Executor,
  model: AnyModel,
  fields: readonly Field[],
  keys: readonly (readonly unknown[])[],
): Promise<readonly number[]> {
  const missing: number[] = [];
  async function search(from: number, to: number): Promise<void> {
    if (from >= to) return;
    const part = keys.slice(from, to);
    const count = await countKeys(executor, model, fields, part);
    if (count === to - from) return;
    if (to - from === 1) missing.push(from);
    else {
      const middle = Math.floor((from + to) / 2);
      await search(from, middle);
      await search(middle, to);
    }
  }
  await search(0, keys.length);
  return missing;
}

/**
 * Returns the error about rows that changed since they were read.
 *
 * @param isSome whether it is not known which of the rows changed
 */
export function movedOnError(
  action: "commit" | "update",
  rows: readonly object[],
  names: readonly string[],
  isSome = false,
): StaleRowError {
  return new StaleRowError(rows, {}, names, {
    action,
    problem: `since they were read, other writers changed or deleted${
      isSome ? " some of" : ""
    }`,
  });
}

/** Returns a row with its primary key, as a row that was read prints. */
export function keyRow(model: AnyModel, key: readonly unknown[]): object {
  const row: object = Object.create(model.prototype);
  for (
    const [index, { name }] of fieldsNamed(model, model.primaryKey).entries()
  ) {
    Reflect.set(row, name, key[index]);
  }
  return row;
}
