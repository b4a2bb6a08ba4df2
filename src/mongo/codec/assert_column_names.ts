import { ModelError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Checks that MongoDB can store the columns of models under their names: it
 * reads a dot as a path and a leading `$` as an operator.
 *
 * @throws {ModelError} with the first invalid column
 */
export function assertColumnNames(models: readonly AnyModel[]): void {
  for (const { name, fields } of models) {
    const field = fields.find(({ column }) => /^\$|[.\0]/.test(column));
    if (field === undefined) continue;
    throw new ModelError(
      `Cannot store ${name} in MongoDB: the column name ${
        JSON.stringify(field.column)
      } begins with $, or contains a dot or a NUL character. Set another name with meta({ column })`,
    );
  }
}
