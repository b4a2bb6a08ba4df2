import type { Field } from "../../model/field.ts";
import { isFloat, isInteger } from "../../model/value_problem.ts";
import { columnType, isTextType } from "../codec/column_type.ts";
import { collationOf, type ColumnForm } from "../codec/stored_form.ts";
import { comparedValue } from "../codec/written_value.ts";
import { type SqlWriter, typeText } from "./sql_writer.ts";

/** A column of the table around a subquery. */
interface OuterColumn {
  readonly field: Field;
  readonly text: string;
  readonly column: ColumnForm | undefined;
}

/**
 * Returns SQL for a column of a subquery's table and for one of the table around
 * it, which are equal exactly if the first one holds the value of the second.
 */
export function joinedPair(
  to: SqlWriter,
  field: Field,
  outer: OuterColumn,
): readonly [inner: string, outer: string] {
  const inner = to.column(field);
  if (isNumber(field) && isNumber(outer.field)) return [inner, outer.text];
  const [one, other] = [columnType(field), columnType(outer.field)];
  if (isPlainText(one) && isPlainText(other)) {
    const collation = collationOf(field, to.columnOf(field));
    return [
      inner,
      collation === collationOf(outer.field, outer.column)
        ? outer.text
        : `${outer.text} collate ${collation}`,
    ];
  }
  // A cast refuses the texts that are no UUID, or no value of the enum.
  if (outer.field.type.kind === "string") {
    const text = `cast(${outer.text} as text)`;
    if (one === "uuid") return [inner, uuidText(text)];
    if (field.type.kind === "enum") {
      return [`cast(${inner} as text) collate "C"`, text];
    }
  }
  return typeText(field) === typeText(outer.field) && one === other
    ? [inner, outer.text]
    : [
      inner,
      comparedValue(field, to.columns, `cast(${outer.text} as text)`),
    ];
}

/** Returns SQL for a UUID from a text, null of any other text. */
function uuidText(text: string): string {
  return `case when ${text} collate "C" ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then cast(${text} as uuid) end`;
}

function isNumber({ type }: Field): boolean {
  return isInteger(type) || isFloat(type);
}

/** Whether a type compares texts as they are. */
function isPlainText(sqlType: string): boolean {
  return isTextType(sqlType) &&
    /^\s*(?:text|varchar|character\s+varying)\b/i.test(sqlType);
}
