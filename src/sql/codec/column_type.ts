import type { Field, FieldType } from "../../model/field.ts";
import { type ElementKind, KINDS } from "./kinds.ts";

const TIMESTAMP_OID = 1114;
/** SQL types of times without a time zone, and of arrays of them. */
const ZONELESS = /^\s*(?:date|timestamp(?!tz)(?!.*\swith\s+time))/i;

/** Returns the type of a field's column for `create table`. */
export function columnType(field: Field): string {
  return field.sqlType === undefined ? bindType(field) : field.sqlType;
}

/** The built-in types of text and citext, with or without a length, and arrays of them. */
const TEXT =
  /^\s*(?:"?\w+"?\s*\.\s*)?(?:text|citext|name|bpchar|(?:var)?char|character(?:\s+varying)?)\s*(?:\(\s*\d+\s*\))?\s*(?:\[\s*\d*\s*\]\s*)*$/i;

/** Whether an SQL type is known to hold text. */
export function isTextType(sqlType: string): boolean {
  return TEXT.test(sqlType);
}

/** Returns the type in which values of a field are sent: the default of its kind. */
export function bindType(
  { type, sqlType }: Pick<Field, "type" | "sqlType">,
): string {
  const kind = elementKind(type);
  const name = isZoneless(kind, sqlType)
    ? "timestamp without time zone"
    : KINDS[kind].sql;
  return type.kind === "array" ? `${name}[]` : name;
}

/** Whether a column with this type accepts the binary format of a field. */
export function isSameBinary(type: FieldType, oid: number): boolean {
  return type.kind === "array"
    ? KINDS[elementKind(type.item)].arrayOid === oid
    : KINDS[type.kind].sameBinary.includes(oid);
}

/** Whether a field can read the text of a column with this type. */
export function isReadable(type: FieldType, oid: number): boolean {
  if (type.kind === "array") return true;
  const { readable } = KINDS[type.kind];
  return readable === undefined || readable.includes(oid);
}

/** Returns the object identifier of an array's elements, for the binary format. */
export function elementOid(
  item: FieldType,
  sqlType: string | undefined,
): number {
  const kind = elementKind(item);
  return isZoneless(kind, sqlType) ? TIMESTAMP_OID : KINDS[kind].oid;
}

/** Returns the kind of a field, or of the elements of an array. */
export function elementKind(type: FieldType): ElementKind {
  return type.kind === "array" ? elementKind(type.item) : type.kind;
}

/** Whether a column holds times without a time zone: a cast to them from `timestamptz` would use the time zone of the session. */
function isZoneless(
  kind: FieldType["kind"],
  sqlType: string | undefined,
): boolean {
  return kind === "date" && ZONELESS.test(sqlType ?? "");
}
