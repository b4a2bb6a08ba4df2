import { DatabaseError, withOutcomeOf } from "../../../base/errors/mod.ts";
import type {
  UpdateEachStatement,
  UpdateStatement,
} from "../../../query/statement/statement.ts";
import {
  incremented,
  sumOutOfRange,
} from "../../../query/write/out_of_range.ts";
import { isOutOfRange } from "../../compile/sum.ts";

/** Runs an update, whose error names the increments if a sum is outside the range of its field. */
export async function withIncrements<T>(
  { model, operations }: Pick<
    UpdateStatement | UpdateEachStatement,
    "model" | "operations"
  >,
  update: () => Promise<T>,
): Promise<T> {
  try {
    return await update();
  } catch (error) {
    const fields = incremented(operations);
    if (
      fields.length === 0 || !(error instanceof DatabaseError) ||
      !isOutOfRange(error.message)
    ) throw error;
    throw withOutcomeOf(sumOutOfRange(model, fields, error.cause), error);
  }
}
