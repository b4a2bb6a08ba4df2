import type { Field } from "../../model/field.ts";
import { comparedValue } from "../codec/written_value.ts";
import { coarsenessOf, readAsFloat } from "./coarse_field.ts";
import { type SqlWriter, typeText } from "./sql_writer.ts";

/** Returns SQL for a column and for the text of a key, which are equal exactly if the row has the key. */
export function comparedPair(
  to: SqlWriter,
  field: Field,
  column: string,
  text: string,
): readonly [column: string, value: string] {
  const coarseness = coarsenessOf(field, to.columnOf(field));
  const isFloat = coarseness === "single" || coarseness === "double";
  return isFloat && to.form(field)?.kind !== "round"
    ? [
      readAsFloat(column, coarseness),
      `cast(${text} as ${typeText(field)})`,
    ]
    : [column, comparedValue(field, to.columns, text)];
}
