// How a column changes a value that it stores, as far as that decides which
// values are equal in it. A key is compared in this form, because an insert of
// the same value would store it so.
import type { Field } from "../../model/field.ts";
import { quotedName } from "./quote.ts";
import { codecOf, type ElementKind, elementKind } from "./kinds.ts";
import { holdsMicroseconds } from "../../model/microseconds.ts";
import { OID } from "./wire/types.ts";

/** What the catalogs say about a column, as far as it decides the form. */
export interface ColumnForm {
  /** The object identifier of its type. */
  readonly type: number;
  /** The type as SQL, with its modifier: `numeric(6,2)`. */
  readonly sqlType: string;
  /** The object identifier of the type below all domains; that of {@link ColumnForm.type} if it is no domain. */
  readonly baseType: number;
  /** That type as SQL, with the modifier: `numeric(6,2)` for a domain over it. */
  readonly baseSqlType: string;
  /** The modifier of the type, of its own or of a domain; -1 if it has none. For `varchar(n)` it is n + 4, for `timestamp(p)` p. */
  readonly modifier: number;
  /** What the base type is: `b` base, `c` composite, `e` enum, `r` range, `m` multirange. */
  readonly typeKind: string;
  /** The function that reads the binary format of the base type: `textrecv`, `enum_recv`. */
  readonly receiver: string;
  /** The object identifier of the items' type if the base type is an array; 0 otherwise. */
  readonly itemType: number;
  /** The collation, quoted and with its schema; undefined if the type has none. That of the database is `pg_catalog."default"`. */
  readonly collation: string | undefined;
  /** Whether texts are equal only if their bytes are; true if there is no collation. */
  readonly isDeterministic: boolean;
}

/**
 * The form: rounded to a scale, without blanks after a length, or cast to a type.
 * Undefined if the column stores each value as it is.
 */
export type StoredForm =
  | { readonly kind: "round"; readonly scale: number }
  | { readonly kind: "trim"; readonly length: number }
  | { readonly kind: "cast"; readonly sqlType: string }
  | undefined;

/** The functions that read the binary format of text. */
const TEXT_RECEIVERS: ReadonlySet<string> = new Set([
  ...["textrecv", "varcharrecv", "bpcharrecv", "citextrecv", "enum_recv"],
]);
const DECLARED =
  /^\s*(numeric|decimal|varchar|character varying|char|character|timestamptz|timestamp|time|timetz)\b(?:\s*\(\s*(\d+)\s*(?:,\s*(-?\d+)\s*)?\))?([a-z\s]*)$/i;
/** The types in which equal values of a kind are the same value. */
const EXACT: Readonly<Record<ElementKind, readonly number[]>> = {
  int16: [OID.int2, OID.int4, OID.int8],
  int32: [OID.int2, OID.int4, OID.int8],
  int64: [OID.int2, OID.int4, OID.int8],
  float32: [OID.float4],
  float64: [OID.float8],
  string: [OID.text, OID.varchar],
  enum: [OID.text, OID.varchar],
  boolean: [OID.bool],
  date: [OID.timestamp, OID.timestamptz],
  uuid: [OID.uuid],
  bytes: [OID.bytea],
  json: [],
};

/** The number of decimals of a millisecond. */
const MILLISECONDS = 3;

/** Whether a column accepts the binary format of a text. */
export function acceptsText({ receiver }: ColumnForm): boolean {
  return TEXT_RECEIVERS.has(receiver);
}

/** Whether values of a field are equal in its column only if they are the same value. */
export function isExactKey(
  field: Field,
  column: ColumnForm | undefined,
): boolean {
  if (column === undefined) return true;
  if (column.modifier >= 0 || !column.isDeterministic) return false;
  const { kind } = field.type;
  if (column.typeKind === "e") return kind === "enum" || kind === "string";
  if (holdsMicroseconds(field)) {
    return EXACT.date.includes(column.baseType);
  }
  return kind !== "array" && EXACT[kind].includes(column.baseType);
}

/** Returns the form in which a column stores values of a field, by its real type. */
export function storedForm(field: Field, column: ColumnForm): StoredForm {
  const { baseType, baseSqlType, modifier, typeKind, sqlType } = column;
  switch (baseType) {
    case OID.numeric:
      return modifier < 0
        ? { kind: "cast", sqlType: "numeric" }
        : { kind: "round", scale: scaleOf(modifier) };
    case OID.varchar:
      return modifier < 0 ? undefined : { kind: "trim", length: modifier - 4 };
    case OID.bpchar:
      return { kind: "cast", sqlType: "bpchar" };
    case OID.float4:
      return { kind: "cast", sqlType: "real" };
    case OID.date:
      return { kind: "cast", sqlType: "date" };
    case OID.text:
      return undefined;
  }
  if (typeKind === "e") return { kind: "cast", sqlType };
  const isPlain = modifier < 0 &&
    (codecOf(field).sameBinary.includes(baseType) ||
      EXACT[elementKind(field.type)].includes(baseType));
  if (isPlain || field.type.kind === "array") return undefined;
  // A Date is a whole millisecond, which these columns keep.
  if (field.type.kind === "date" && modifier > MILLISECONDS) return undefined;
  // A cast to a domain would check its rules; its own type is enough to compare.
  return { kind: "cast", sqlType: baseSqlType };
}

/** Returns the form of a field's column as the model declares it. */
export function declaredForm({ sqlType, type }: Field): StoredForm {
  const [, name = "", first, scale = "0", rest = ""] =
    DECLARED.exec(sqlType ?? "") ?? [];
  if (first === undefined || type.kind === "array") return undefined;
  switch (name.toLowerCase()) {
    case "numeric":
    case "decimal":
      return { kind: "round", scale: Number(scale) };
    case "varchar":
    case "character varying":
      return { kind: "trim", length: Number(first) };
    case "char":
    case "character":
      return /varying/i.test(rest)
        ? { kind: "trim", length: Number(first) }
        : undefined;
    default:
      return type.kind === "date" && Number(first) > MILLISECONDS
        ? undefined
        : { kind: "cast", sqlType: sqlType ?? "" };
  }
}

/** Returns SQL that gives a value the form. */
export function formed(form: StoredForm, text: string): string {
  switch (form?.kind) {
    case undefined:
      return text;
    case "round":
      return `round(cast(${text} as numeric), ${form.scale})`;
    case "trim":
      // A cast to varchar(n) would cut off more than blanks.
      return `case when rtrim(substr(${text}, ${
        form.length + 1
      }), ' ') = '' then left(${text}, ${form.length}) else ${text} end`;
    case "cast":
      return `cast(${text} as ${form.sqlType})`;
  }
}

/** Returns the collation of a column as SQL, after a space; nothing for the default one. */
export function collateText({ collation }: ColumnForm): string {
  return collation === undefined || collation === DEFAULT_COLLATION
    ? ""
    : ` collate ${collation}`;
}

/** Returns the collation that a column compares text with, as SQL; the one of the model if the column is not known. */
export function collationOf(
  { collation }: Field,
  column: ColumnForm | undefined,
): string {
  if (column !== undefined) return column.collation ?? DEFAULT_COLLATION;
  return collation === undefined || collation === "default"
    ? DEFAULT_COLLATION
    : quotedName(collation);
}

const DEFAULT_COLLATION = `pg_catalog.${quotedName("default")}`;

/** The scale in the modifier of `numeric(p,s)`: 11 bits with a sign. */
function scaleOf(modifier: number): number {
  return (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
}
