import {
  CheckError,
  DatabaseError,
  withOutcomeOf,
} from "../../base/errors/mod.ts";
import type { Operation } from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { UpdateStatement } from "../statement/statement.ts";

/** The fields that a statement increments. */
export function incremented(
  operations: ReadonlyMap<Field, Operation>,
): readonly Field[] {
  return [...operations].flatMap(([field, operation]) =>
    operation === "increment" ? [field] : []
  );
}

/**
 * Runs an update, whose error names the increments if a sum is outside the range
 * of its field.
 *
 * @param isOutOfRange whether the database reports such a sum
 */
export async function withIncrements<T>(
  { model, operations }: Pick<UpdateStatement, "model" | "operations">,
  isOutOfRange: (error: DatabaseError) => boolean,
  update: () => Promise<T>,
): Promise<T> {
  try {
    return await update();
  } catch (error) {
    const fields = incremented(operations);
    if (
      fields.length === 0 || !(error instanceof DatabaseError) ||
      !isOutOfRange(error)
    ) throw error;
    throw withOutcomeOf(sumOutOfRange(model, fields, error.cause), error);
  }
}

/**
 * Returns the error of an increment whose sum is outside the range of its column.
 *
 * @param fields the fields whose sums may be the cause
 * @param cause the error of the database, if there is one
 */
export function sumOutOfRange(
  model: AnyModel,
  fields: readonly Pick<Field, "name" | "type">[],
  cause?: unknown,
): CheckError {
  const names = fields.map(({ name, type }) => `${name} (${type.kind})`);
  return new CheckError(
    `Cannot update ${model.name}: in at least one row, the sum of an increment is outside the range of ${
      names.join(" or ")
    }`,
    {
      model: model.name,
      table: model.table,
      fields: fields.map(({ name }) => name),
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
