import { fieldsNamed, keysOf } from "../model/keys.ts";
import { isLeftToServer } from "../model/server_filling.ts";
import type { AnyModel } from "../model/types.ts";
import type { PlannedWrite } from "./plan.ts";

/**
 * Whether writing rows twice gives the same table as writing them once: if so, a
 * write whose outcome is unknown can be repeated. The rows must have a key that
 * finds them again.
 */
export function isRepeatable({ model, call }: PlannedWrite): boolean {
  if (call.method === "upsert") {
    const conflict = call.options.conflict?.map(String) ??
      model.primaryKey.map(String);
    return findsRows(model, conflict);
  }
  return call.options.onConflict !== "error" &&
    keysOf(model).some((key) => findsRows(model, key));
}

/** Whether every row has values of its own in a key; null equals nothing. */
function findsRows(model: AnyModel, key: readonly string[]): boolean {
  return key.length > 0 &&
    fieldsNamed(model, key).every((field) =>
      !field.nullable && !isLeftToServer(field)
    );
}
