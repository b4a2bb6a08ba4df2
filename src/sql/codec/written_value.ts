import type { Field } from "../../model/field.ts";
import { bindType, castType, isSameBinary } from "./column_type.ts";
import { codecOf, elementKind } from "./kinds.ts";
import {
  acceptsText,
  collateText,
  type ColumnForm,
  declaredForm,
  formed,
  storedForm,
} from "./stored_form.ts";
import { OID } from "./wire/types.ts";

/** The facts about the columns of a table, by name. */
export type ColumnForms = ReadonlyMap<string, ColumnForm>;

/** Arrays of text, which the server assigns to each other: a cast to a length would cut items off. */
const TEXT_ITEMS: readonly number[] = [OID.text, OID.varchar, OID.bpchar];

/** Whether COPY can write values of a field to a column in the binary format of the encoder. */
export function acceptsEncoding(
  field: Field,
  column: ColumnForm | undefined,
): boolean {
  return column !== undefined &&
    (isSameBinary(field, column.baseType) || isText(field, column));
}

/** Whether the binary format of a field would round its values: PostgreSQL casts floats to `numeric` with 15 digits, or 6. */
export function roundsEncoding(
  field: Field,
  column: ColumnForm | undefined,
): boolean {
  const kind = elementKind(field.type);
  return column !== undefined && (kind === "float64" || kind === "float32") &&
    (column.baseType === OID.numeric || column.itemType === OID.numeric);
}

/** Returns the type and the collation of a column of a stage; undefined if it must have the type of the encoder. */
export function stageColumn(
  field: Field,
  columns: ColumnForms,
): string | undefined {
  const column = columns.get(field.column);
  return column !== undefined && acceptsEncoding(field, column)
    ? `${column.sqlType}${collateText(column)}`
    : undefined;
}

/**
 * Returns SQL that reads an encoded value as the table stores it; undefined if that is the value itself.
 *
 * @param text SQL of the value
 */
export function readText(
  field: Field,
  columns: ColumnForms,
  text: string,
): string | undefined {
  const column = columns.get(field.column);
  if (column === undefined || acceptsEncoding(field, column)) return undefined;
  const isTime = bindType(field) === "timestamp with time zone";
  // A cast alone would use the time zone of the session.
  const value = `${text}${isTime ? " at time zone 'UTC'" : ""}`;
  return `cast(${value} as ${writtenType(column)})`;
}

/** Returns SQL that reads the text of a value as the table stores it. */
export function readValue(
  field: Field,
  columns: ColumnForms | undefined,
  text: string,
): string {
  const column = columns?.get(field.column);
  if (column === undefined) return `cast(${text} as ${castType(field)})`;
  if (!isText(field, column)) return `cast(${text} as ${writtenType(column)})`;
  const form = storedForm(field, column);
  const value = `cast(${formed(form, text)} as ${withoutLength(column)})`;
  return `${value}${collateText(column)}`;
}

/** Whether a column holds the text of a field. */
function isText(field: Field, column: ColumnForm): boolean {
  return codecOf(field).oid !== undefined && field.type.kind !== "array" &&
    codecOf(field).sameBinary.includes(OID.text) && acceptsText(column);
}

/** The type to which a value is cast before it is assigned: without the length of texts, so that a longer one is an error. */
function writtenType(column: ColumnForm): string {
  return TEXT_ITEMS.includes(column.itemType)
    ? withoutLength(column)
    : column.sqlType;
}

function withoutLength({ sqlType, type, baseType }: ColumnForm): string {
  // A cast to a domain would cut off what its length excludes.
  if (type !== baseType && baseType === OID.varchar) return "character varying";
  if (type !== baseType && baseType === OID.bpchar) return "bpchar";
  return sqlType.replace(
    /^(character varying|character|bpchar)\(\d+\)/,
    (_, name) => name === "character" ? "bpchar" : name,
  );
}

/** Returns SQL that reads the text of a value so that the server assigns it to its column. */
export function assignedValue(
  field: Field,
  columns: ColumnForms | undefined,
  text: string,
): string {
  return `cast(${text} as ${sentType(field, columns?.get(field.column))})`;
}

/** Returns SQL that reads the text of a value so that it is equal to the values that its column holds equal to it. */
export function comparedValue(
  field: Field,
  columns: ColumnForms | undefined,
  text: string,
): string {
  const column = columns?.get(field.column);
  const form = column === undefined
    ? declaredForm(field)
    : storedForm(field, column);
  return form === undefined
    ? `cast(${text} as ${sentType(field, column)})`
    : formed(form, text);
}

/** The type of a value that is sent for a column; for texts one that the server assigns to all types of text. */
function sentType(field: Field, column: ColumnForm | undefined): string {
  if (column === undefined) return castType(field);
  return isText(field, column) && column.typeKind !== "e"
    ? bindType(field)
    : writtenType(column);
}
