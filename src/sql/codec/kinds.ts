import type { FieldType } from "../../model/field.ts";
import { holdsMicroseconds } from "../../model/microseconds.ts";
import { dateText, microsecondsText } from "./date_text.ts";
import {
  booleanEncoder,
  bytesEncoder,
  dateEncoder,
  type EncoderOf,
  enumEncoder,
  float32Encoder,
  float64Encoder,
  int16Encoder,
  int32Encoder,
  int64Encoder,
  jsonbEncoder,
  jsonTextEncoder,
  microsecondsEncoder,
  textEncoder,
  uuidEncoder,
} from "./encoders.ts";
import { writeJson } from "./wire/exact_json.ts";
import {
  float64AsSingleReader,
  int64AsSingleReader,
  numericAsSingleReader,
  numericNumberReader,
} from "./wire/floats.ts";
import {
  booleanReader,
  bytesReader,
  float32Reader,
  float64Reader,
  int16Reader,
  int32Reader,
  int64NumberReader,
  int64Reader,
  jsonbReader,
  jsonReader,
  utf8Reader,
  uuidReader,
  wideInt16Reader,
  wideInt32Reader,
} from "./wire/scalars.ts";
import { dayDate, timestampDate, timestampMicroseconds } from "./wire/times.ts";
import { OID } from "./wire/types.ts";
import type { ValueReader } from "./wire/value_reader.ts";

/** A kind of field other than an array. */
export type ElementKind = Exclude<FieldType["kind"], "array">;

/** A field, as far as it decides how PostgreSQL holds its values. */
export type Typed = {
  readonly type: FieldType;
  readonly sqlType?: string | undefined;
};

/** One kind of values on PostgreSQL. */
interface KindCodec<Type = FieldType> {
  /** The SQL type in which values are sent. */
  readonly sql: string;
  /** The object identifiers of that type and of its array. */
  readonly oid: number;
  readonly arrayOid: number;
  /** The types with the binary format of {@link KindCodec.binary}. */
  readonly sameBinary: readonly number[];
  /** What reads a column, by its type; `any` reads the text of each type. */
  readonly readers: Readonly<Record<number, ValueReader>> | "any";
  /** Writes a value as text, as PostgreSQL reads it with every setting. */
  write(value: unknown): string;
  /** Creates the encoder of the binary format, for COPY. */
  readonly binary: EncoderOf<Type>;
}

/** The codecs by kind: a new kind of field does not compile until this table has it. */
export const KINDS: {
  readonly [Kind in ElementKind]: KindCodec<
    Extract<FieldType, { kind: Kind }>
  >;
} = {
  int16: {
    sql: "smallint",
    oid: OID.int2,
    arrayOid: 1005,
    sameBinary: [OID.int2],
    readers: { [OID.int2]: int16Reader },
    write: String,
    binary: int16Encoder,
  },
  int32: {
    sql: "integer",
    oid: OID.int4,
    arrayOid: 1007,
    sameBinary: [OID.int4],
    readers: { [OID.int2]: int16Reader, [OID.int4]: int32Reader },
    write: String,
    binary: int32Encoder,
  },
  int64: {
    sql: "bigint",
    oid: OID.int8,
    arrayOid: 1016,
    sameBinary: [OID.int8],
    readers: {
      [OID.int8]: int64Reader,
      [OID.int2]: wideInt16Reader,
      [OID.int4]: wideInt32Reader,
    },
    write: String,
    binary: int64Encoder,
  },
  float32: {
    sql: "real",
    oid: OID.float4,
    arrayOid: 1021,
    sameBinary: [OID.float4],
    readers: {
      [OID.float4]: float32Reader,
      [OID.float8]: float64AsSingleReader,
      [OID.numeric]: numericAsSingleReader,
      [OID.int8]: int64AsSingleReader,
      [OID.int2]: int16Reader,
      [OID.int4]: int32Reader,
    },
    write: writeFloat,
    binary: float32Encoder,
  },
  float64: {
    sql: "double precision",
    oid: OID.float8,
    arrayOid: 1022,
    sameBinary: [OID.float8],
    readers: {
      [OID.float4]: float32Reader,
      [OID.float8]: float64Reader,
      [OID.numeric]: numericNumberReader,
      [OID.int8]: int64NumberReader,
      [OID.int2]: int16Reader,
      [OID.int4]: int32Reader,
    },
    write: writeFloat,
    binary: float64Encoder,
  },
  string: {
    sql: "character varying",
    oid: OID.varchar,
    arrayOid: 1015,
    sameBinary: [OID.varchar, OID.text],
    readers: "any",
    write: String,
    binary: textEncoder,
  },
  enum: {
    sql: "text",
    oid: OID.text,
    arrayOid: 1009,
    sameBinary: [OID.varchar, OID.text],
    readers: "any",
    write: String,
    binary: enumEncoder,
  },
  boolean: {
    sql: "boolean",
    oid: OID.bool,
    arrayOid: 1000,
    sameBinary: [OID.bool],
    readers: { [OID.bool]: booleanReader },
    write: (value) => value === true ? "t" : "f",
    binary: booleanEncoder,
  },
  date: {
    sql: "timestamp with time zone",
    oid: OID.timestamptz,
    arrayOid: 1185,
    sameBinary: [OID.timestamp, OID.timestamptz],
    readers: {
      [OID.timestamp]: timestampDate,
      [OID.timestamptz]: timestampDate,
      [OID.date]: dayDate,
    },
    write: (value) => value instanceof Date ? dateText(value) : String(value),
    binary: dateEncoder,
  },
  uuid: {
    sql: "uuid",
    oid: OID.uuid,
    arrayOid: 2951,
    sameBinary: [OID.uuid],
    readers: {
      [OID.uuid]: uuidReader,
      [OID.text]: utf8Reader,
      [OID.varchar]: utf8Reader,
    },
    write: String,
    binary: uuidEncoder,
  },
  bytes: {
    sql: "bytea",
    oid: OID.bytea,
    arrayOid: 1001,
    sameBinary: [OID.bytea],
    readers: { [OID.bytea]: bytesReader },
    write: (value) =>
      value instanceof Uint8Array ? `\\x${value.toHex()}` : String(value),
    binary: bytesEncoder,
  },
  json: {
    sql: "jsonb",
    oid: OID.jsonb,
    arrayOid: 3807,
    sameBinary: [OID.jsonb],
    readers: { [OID.json]: jsonReader, [OID.jsonb]: jsonbReader },
    write: writeJson,
    binary: jsonbEncoder,
  },
};

/** An `int64` field over a timestamp: microseconds since 1970. */
const MICROSECONDS: KindCodec = {
  ...KINDS.date,
  readers: {
    [OID.timestamp]: timestampMicroseconds,
    [OID.timestamptz]: timestampMicroseconds,
  },
  write: microsecondsText,
  binary: microsecondsEncoder,
};

/** A JSON field over a `json` column, which keeps the text as it is written. */
const JSON_TEXT: KindCodec = {
  ...KINDS.json,
  sql: "json",
  oid: OID.json,
  arrayOid: 199,
  sameBinary: [OID.json],
  binary: jsonTextEncoder,
};

/** Returns the codec of a field, or of the items of an array. */
export function codecOf({ type, sqlType }: Typed): KindCodec {
  const kind = elementKind(type);
  if (sqlType !== undefined) {
    if (kind === "int64" && holdsMicroseconds({ type, sqlType })) {
      return MICROSECONDS;
    }
    if (kind === "json" && /^\s*json\s*$/i.test(sqlType)) return JSON_TEXT;
  }
  // TypeScript cannot relate the kind of a type to its codec; the table does.
  return KINDS[kind] as KindCodec;
}

/** Returns the kind of a field, or of the items of an array. */
export function elementKind(type: FieldType): ElementKind {
  return type.kind === "array" ? elementKind(type.item) : type.kind;
}

/** Returns the items of an array field, as a field of their own. */
export function itemsOf({ type, sqlType }: Typed): Typed {
  return { type: type.kind === "array" ? type.item : type, sqlType };
}

function writeFloat(value: unknown): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
