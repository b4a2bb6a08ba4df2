import { DatabaseError, withOutcomeOf } from "../../base/errors/mod.ts";
import type {
  UpdateEachStatement,
  UpdateReturningStatement,
  UpdateStatement,
} from "../../query/statement/statement.ts";
import { incremented, sumOutOfRange } from "../../query/write/out_of_range.ts";
import { SQLSTATE } from "../link/sqlstate.ts";

/** Returns the error of an update, which names the increments if a sum is outside the range of its column. */
export function withIncrements(
  error: unknown,
  { model, operations }:
    | UpdateStatement
    | UpdateReturningStatement
    | UpdateEachStatement,
): unknown {
  if (
    !(error instanceof DatabaseError) ||
    error.code !== SQLSTATE.numericValueOutOfRange
  ) return error;
  const fields = incremented(operations);
  return fields.length === 0
    ? error
    : withOutcomeOf(sumOutOfRange(model, fields, error.cause), error);
}
