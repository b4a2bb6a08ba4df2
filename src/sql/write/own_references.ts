import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { isExactKey } from "../codec/stored_form.ts";
import type { TableFacts } from "../schema/table_facts.ts";

/** A foreign key by which rows refer to rows of the same table. */
export interface OwnReference {
  readonly fields: readonly Field[];
  /** The fields of the row that is referred to. */
  readonly referenced: readonly Field[];
}

/** Returns the foreign keys of a table that refer to the table itself. */
export function ownReferences(
  model: AnyModel,
): readonly OwnReference[] {
  return model.foreignKeys.flatMap(({ fields, references }) =>
    references.table === model.table
      ? [{
        fields: fieldsNamed(model, fields),
        referenced: fieldsNamed(model, references.fields),
      }]
      : []
  );
}

/** Whether rows refer to each other only if their values are the same. */
export function areExactReferences(
  references: readonly OwnReference[],
  { columns }: TableFacts,
): boolean {
  return references.every(({ fields, referenced }) =>
    fields.every((field, at) =>
      field.type.kind === referenced[at]?.type.kind &&
      [field, referenced[at]].every((part) =>
        isExactKey(part, columns.get(part.column))
      )
    )
  );
}
