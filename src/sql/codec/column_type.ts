import type { Field } from "../../model/field.ts";
import { codecOf, elementKind, itemsOf, type Typed } from "./kinds.ts";
import { OID } from "./wire/types.ts";

/** SQL types of times without a time zone, and of arrays of them. */
const ZONELESS = /^\s*(?:date|timestamp(?!tz)(?!.*\swith\s+time))/i;
/** SQL types of text. A cast to one with a length would cut text off; an assignment is an error. */
const CHARACTER = /^\s*(?:text|char|character|varchar|bpchar|name)\b/i;

/** The length of a type of text. */
const LENGTH =
  /(?<=^\s*(?:char|character|varchar|bpchar|character\s+varying)\s*)\(\d+\)/i;
/** What may follow a type in the definition of a column. */
const CLAUSES =
  /(?<!\s)\s+(?:not\s+null|null|check|unique|primary|references|collate|constraint)\b.*$/is;

/** Returns the type of a field's column for `create table`. */
export function columnType(field: Field): string {
  return field.sqlType === undefined ? bindType(field) : field.sqlType;
}

/** The built-in types of text and citext, with or without a length, and arrays of them. */
const TEXT =
  /^\s*(?:"?\w+"?\s*\.\s*)?(?:text|citext|name|bpchar|(?:var)?char|character(?:\s+varying)?)(?:\s*\(\s*\d+\s*\))?\s*(?:\[\s*(?:\d+\s*)?\]\s*)*$/i;

/** Whether an SQL type is known to hold text. */
export function isTextType(sqlType: string): boolean {
  return TEXT.test(sqlType);
}

/** Returns the type in which the encoder writes values of a field: the default of its kind. */
export function bindType(field: Typed): string {
  const name = isZoneless(field)
    ? "timestamp without time zone"
    : codecOf(field).sql;
  return field.type.kind === "array" ? `${name}[]` : name;
}

/**
 * Returns the type to which a text of {@link writeText} is cast: that of the
 * column for a field of text over another type, and else {@link bindType}. A
 * cast to it changes no value that the column can hold.
 */
export function castType(field: Typed): string {
  const { type, sqlType } = field;
  const kind = elementKind(type);
  if (sqlType === undefined) return bindType(field);
  if (type.kind === "array") {
    return /\]\s*$/.test(sqlType)
      ? sqlType.replace(LENGTH, "")
      : bindType(field);
  }
  const isText = CHARACTER.test(sqlType) && !/\]\s*$/.test(sqlType);
  return (kind === "string" || kind === "enum") && !isText
    ? withoutPrecision(sqlType.replace(CLAUSES, "").replace(LENGTH, ""))
    : bindType(field);
}

/** Returns a type of numbers or times without its precision: a cast to it would round a value that no column holds to one that some do. */
function withoutPrecision(sqlType: string): string {
  return sqlType.replace(
    /^(\s*(?:numeric|decimal|timestamp(?:tz)?|time(?:tz)?|interval))\s*\([\d\s,-]*\)/i,
    "$1",
  );
}

/** Whether a column with this type accepts the binary format of a field. */
export function isSameBinary(field: Typed, oid: number): boolean {
  const { sameBinary, arrayOid } = codecOf(field);
  return field.type.kind === "array"
    ? arrayOid === oid
    : sameBinary.includes(oid);
}

/** Returns the object identifier of an array's items, for the binary format. */
export function elementOid(field: Typed): number {
  const items = itemsOf(field);
  return isZoneless(items) ? OID.timestamp : codecOf(items).oid;
}

/** Whether a column holds times without a time zone: a cast to them from `timestamptz` would use the time zone of the session. */
function isZoneless(field: Typed): boolean {
  return codecOf(field).oid === OID.timestamptz &&
    ZONELESS.test(field.sqlType ?? "");
}

/** Whether the model declares a column of text. */
export function isCharacter({ sqlType }: Typed): boolean {
  return sqlType === undefined || CHARACTER.test(sqlType) ||
    /citext/i.test(sqlType);
}
