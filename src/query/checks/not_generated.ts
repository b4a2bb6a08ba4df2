import { ModelError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";

const checked = new WeakSet<AnyModel>();

/**
 * Checks that a model has no generated column, for an engine that has none.
 *
 * @param engine the name of the database for messages: `MongoDB`
 * @throws {ModelError} with the first generated field
 */
export function assertNotGenerated(model: AnyModel, engine: string): void {
  if (checked.has(model)) return;
  const field = model.fields.find(({ filled }) => filled === "generated");
  if (field !== undefined) {
    throw new ModelError(
      `Cannot use ${model.name} on ${engine}: ${field.name} is a generated column, and ${engine} computes none. Define a model without it for ${engine}, or declare a plain field that your code computes on every write`,
    );
  }
  checked.add(model);
}
