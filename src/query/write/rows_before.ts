import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import type { Condition } from "../statement/condition.ts";

/**
 * Returns the number of rows that a write will find, if the database may discard
 * the write of a row that it finds; otherwise undefined, because the number of
 * written rows is the same.
 */
export async function rowsBefore(
  executor: Executor,
  model: AnyModel,
  write: "update" | "delete",
  where: Condition,
): Promise<number | undefined> {
  return await executor.mayDiscard?.(model, write) === true
    ? await executor.run({ kind: "count", model, where, max: undefined })
    : undefined;
}
