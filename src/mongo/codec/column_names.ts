import { ModelError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Refuses models whose columns MongoDB would take for something else: a dot
 * leads into a document, and what begins with `$` is an operator.
 *
 * @throws {ModelError} naming the first such column
 */
export function checkColumns(models: readonly AnyModel[]): void {
  for (const { name, fields } of models) {
    const field = fields.find(({ column }) => /^\$|[.\0]/.test(column));
    if (field === undefined) continue;
    throw new ModelError(
      `Cannot keep ${name} in MongoDB: the column ${
        JSON.stringify(field.column)
      } begins with $ or has a dot in it; give it another with meta({ column })`,
    );
  }
}
