import { parse as parseArray } from "postgres-array";
import type { Field, FieldType } from "../../model/field.ts";

/** What PostgreSQL knows a kind of field by, and how its values read and write as text. */
interface ColumnType {
  /** The type's name in SQL. */
  readonly sql: string;
  /** Its object identifier in `pg_type`, and its array's. */
  readonly oid: number;
  readonly arrayOid: number;
  /** Types whose binary form is the same to the bit. */
  readonly sameBinary: readonly number[];
  /** Types whose text this kind reads rightly; any where undefined. */
  readonly readable: readonly number[] | undefined;
  write(value: unknown): string;
  read(text: string): unknown;
}

const VARCHAR = 1043;
const TEXT = 25;
const TIMESTAMP_OID = 1114;
/** Types of moments without a time zone, and of arrays of them. */
const ZONELESS = /^\s*(?:date|timestamp(?!tz)(?!.*\swith\s+time))/i;

const asText = (text: string): unknown => text;
const float: Pick<ColumnType, "write" | "read" | "readable"> = {
  readable: [700, 701, 1700, 20, 21, 23],
  write: (value) => Object.is(value, -0) ? "-0" : String(value),
  read: (text) => +text,
};
const string: ColumnType = {
  sql: "character varying",
  oid: VARCHAR,
  arrayOid: 1015,
  sameBinary: [VARCHAR, TEXT],
  readable: undefined,
  write: String,
  read: asText,
};

/** PostgreSQL's side of every kind of field. Object identifiers: `pg_type.dat` of PostgreSQL, fixed for ever. */
const TYPES: Readonly<Record<Exclude<FieldType["kind"], "array">, ColumnType>> =
  {
    int32: {
      sql: "integer",
      oid: 23,
      arrayOid: 1007,
      sameBinary: [23],
      readable: [21, 23],
      write: String,
      read: (text) => +text,
    },
    int64: {
      sql: "bigint",
      oid: 20,
      arrayOid: 1016,
      sameBinary: [20],
      readable: [20, 21, 23],
      write: String,
      read: BigInt,
    },
    float32: {
      ...float,
      sql: "real",
      oid: 700,
      arrayOid: 1021,
      sameBinary: [700],
      read: (text) => Math.fround(+text),
    },
    float64: {
      ...float,
      sql: "double precision",
      oid: 701,
      arrayOid: 1022,
      sameBinary: [701],
    },
    string,
    enum: { ...string, sql: "text", oid: TEXT, arrayOid: 1009 },
    boolean: {
      sql: "boolean",
      oid: 16,
      arrayOid: 1000,
      sameBinary: [16],
      readable: [16],
      write: (value) => value === true ? "t" : "f",
      read: (text) => text === "t",
    },
    date: {
      sql: "timestamp with time zone",
      oid: 1184,
      arrayOid: 1185,
      sameBinary: [1114, 1184],
      readable: [1114, 1184, 1082],
      write: (value) =>
        value instanceof Date ? timestampText(value) : String(value),
      read: readTimestamp,
    },
    uuid: {
      sql: "uuid",
      oid: 2950,
      arrayOid: 2951,
      sameBinary: [2950],
      readable: [2950, TEXT, VARCHAR],
      write: String,
      read: asText,
    },
    json: {
      sql: "jsonb",
      oid: 3802,
      arrayOid: 3807,
      sameBinary: [3802],
      readable: [114, 3802],
      write: (value) => JSON.stringify(value),
      read: (text) => JSON.parse(text),
    },
  };

/** The type of a field's column in `create table`. */
export function columnType(field: Field): string {
  return field.sqlType === undefined ? bindType(field) : field.sqlType;
}

/** The type that a field's values are sent as: the usual one of its kind. */
export function bindType(
  { type, sqlType }: Pick<Field, "type" | "sqlType">,
): string {
  const kind = scalar(type);
  const name = isZoneless(kind, sqlType)
    ? "timestamp without time zone"
    : TYPES[kind].sql;
  return type.kind === "array" ? `${name}[]` : name;
}

/** A value as PostgreSQL reads it. */
export function textOf(type: FieldType, value: unknown): string {
  return type.kind === "array"
    ? arrayText(type.item, Array.isArray(value) ? value : [value])
    : TYPES[type.kind].write(value);
}

/** Values as the text of a PostgreSQL array. */
export function arrayText(type: FieldType, values: readonly unknown[]): string {
  const items = values.map((value) =>
    value === null || value === undefined ? "NULL" : quoted(textOf(type, value))
  );
  return `{${items.join(",")}}`;
}

/** How a field's text is read. */
export function readerOf(type: FieldType): (text: string) => unknown {
  if (type.kind !== "array") return TYPES[type.kind].read;
  const { read } = TYPES[scalar(type.item)];
  return (text) => parseArray(text, read);
}

/** Whether a column of this type holds, bit for bit, what the binary encoder of a kind writes. */
export function isSameBinary(type: FieldType, oid: number): boolean {
  return type.kind === "array"
    ? TYPES[scalar(type.item)].arrayOid === oid
    : TYPES[type.kind].sameBinary.includes(oid);
}

/** Whether a kind of field reads the text of a column of this type rightly. */
export function isReadable(type: FieldType, oid: number): boolean {
  if (type.kind === "array") return true;
  const { readable } = TYPES[type.kind];
  return readable === undefined || readable.includes(oid);
}

/** The identifier of an array's item type, which its binary form begins with. */
export function itemOid(item: FieldType, sqlType: string | undefined): number {
  const kind = scalar(item);
  return isZoneless(kind, sqlType) ? TIMESTAMP_OID : TYPES[kind].oid;
}

/** Whether values of a column are moments without a time zone: a cast from one with it would put the session's. */
function isZoneless(
  kind: FieldType["kind"],
  sqlType: string | undefined,
): boolean {
  return kind === "date" && ZONELESS.test(sqlType ?? "");
}

/** How a column of a type of this object identifier is read where no field says it: in native queries. */
export function readerByOid(oid: number): (text: string) => unknown {
  return NATIVE.get(oid) ?? asText;
}

/** How a column that goes by a field's name is read: as the field is, unless its type says that it is something else. */
export function readerIn(
  type: FieldType,
  oid: number,
): (text: string) => unknown {
  const known = NATIVE.get(oid);
  const isField = type.kind !== "array" &&
    TYPES[type.kind].readable?.includes(oid) === true;
  return known === undefined || isField ? readerOf(type) : known;
}

const NATIVE: ReadonlyMap<number, (text: string) => unknown> = new Map(
  Object.values(TYPES).flatMap((
    type,
  ): [number, (text: string) => unknown][] => [
    [type.oid, type.read],
    [type.arrayOid, (text) => parseArray(text, type.read)],
  ]).concat([
    [21, TYPES.int32.read],
    [26, TYPES.int32.read],
    [1114, readTimestamp],
    [114, TYPES.json.read],
  ]),
);

function scalar(type: FieldType): Exclude<FieldType["kind"], "array"> {
  return type.kind === "array" ? scalar(type.item) : type.kind;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** `2018-06-01 04:07:22.5+00`, with or without the offset; a year of any length, and BC. */
const TIMESTAMP =
  /^(\d{4,})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(?:([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?( BC)?$/;

function readTimestamp(text: string): Date {
  const parts = TIMESTAMP.exec(text);
  if (parts === null) {
    // "infinity" and "-infinity": the ends of what a Date can hold, ECMA-262 section 21.4.1.1.
    return new Date(text.startsWith("-") ? -8.64e15 : 8.64e15);
  }
  const [, y, mo, d, h, mi, s, fraction, sign, oh, om, os, bc] = parts;
  const year = bc === undefined ? Number(y) : 1 - Number(y);
  const date = new Date(0);
  date.setUTCFullYear(year, Number(mo) - 1, Number(d));
  date.setUTCHours(
    Number(h ?? 0),
    Number(mi ?? 0),
    Number(s ?? 0),
    Number((fraction ?? "0").padEnd(3, "0").slice(0, 3)),
  );
  const offset = (Number(oh ?? 0) * 60 + Number(om ?? 0)) * 60 +
    Number(os ?? 0);
  return new Date(date.getTime() - (sign === "-" ? -offset : offset) * 1000);
}

function timestampText(date: Date): string {
  const year = date.getUTCFullYear();
  const rest = date.toISOString().replace(/^[+-]?\d+/, "").replace("Z", "+00");
  const era = year > 0 ? "" : " BC";
  return `${String(year > 0 ? year : 1 - year).padStart(4, "0")}${rest}${era}`;
}
