import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldNamed } from "../checks/field_names.ts";

/** Returns the fields of the option `select`; all fields if it is undefined. */
export function selectedFields(
  model: AnyModel,
  select: unknown,
): readonly Field[] {
  if (select === undefined) return model.fields;
  if (!Array.isArray(select) || select.length === 0) {
    throw new QueryError(
      `Cannot select from ${model.name}: select must be an array of at least one field name`,
      { model: model.name, field: "select" },
    );
  }
  return [...new Set(select)].map((name) =>
    fieldNamed(model, String(name), "select from")
  );
}
