import type { Field, FieldType } from "./field.ts";

/** PostgreSQL's own types that a model may name, by their spellings. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  smallint: ["smallint", "int2"],
  integer: ["integer", "int", "int4"],
  bigint: ["bigint", "int8"],
  real: ["real", "float4"],
  "double precision": ["double precision", "float8", "float"],
  numeric: ["numeric", "decimal"],
  boolean: ["boolean", "bool"],
  text: ["text", "varchar", "character varying", "char", "character", "bpchar"],
  name: ["name"],
  date: ["date"],
  timestamp: ["timestamp", "timestamptz"],
  uuid: ["uuid"],
  json: ["json", "jsonb"],
  bytea: ["bytea"],
  money: ["money"],
  other: [
    ...["time", "timetz", "interval", "inet", "cidr", "macaddr"],
    ...["macaddr8", "xml", "bit", "bit varying", "varbit", "point", "line"],
    ...["lseg", "box", "path", "polygon", "circle", "tsvector", "tsquery"],
    ...["int4range", "int8range", "numrange", "tsrange", "tstzrange"],
    ...["daterange", "pg_lsn", "oid"],
  ],
};
const FLOATS = [
  ...["real", "double precision", "numeric"],
  ...["smallint", "integer", "bigint"],
];
/** The types that hold the values of a kind; text kinds fit every type with a text form. */
const FITTING: Readonly<Record<FieldType["kind"], readonly string[] | "any">> =
  {
    int16: ["smallint"],
    int32: ["smallint", "integer"],
    int64: ["smallint", "integer", "bigint", "timestamp"],
    float32: FLOATS,
    float64: FLOATS,
    string: "any",
    enum: "any",
    boolean: ["boolean"],
    date: ["date", "timestamp"],
    uuid: ["uuid", "text"],
    bytes: ["bytea"],
    json: ["json"],
    array: [],
  };
const NAMES = new Map(
  Object.entries(SPELLINGS).flatMap(([type, names]) =>
    names.map((name) => [name, type] as const)
  ),
);

/**
 * Returns why the column type of a field cannot hold its values, or undefined if
 * it can. Types that are not PostgreSQL's own, such as enums, domains, and those
 * of extensions, are not checked.
 */
export function sqlTypeProblem(
  { type, sqlType }: Pick<Field, "type" | "sqlType">,
): string | undefined {
  if (sqlType === undefined) return undefined;
  const isList = /\]\s*$|\barray\b/i.test(sqlType);
  if (type.kind === "array" && !isList) {
    return NAMES.has(plainName(sqlType))
      ? `the column type ${sqlType} holds no array; use ${sqlType}[], or jsonb`
      : undefined;
  }
  if (type.kind !== "array" && isList && FITTING[type.kind] !== "any") {
    return `the column type ${sqlType} is an array; use z.array()`;
  }
  const { kind } = type.kind === "array" ? type.item : type;
  const fitting = FITTING[kind];
  const named = NAMES.get(plainName(sqlType));
  if (named === "money") {
    return `the text of the column type ${sqlType} depends on a setting of the server; use numeric, or a view that casts the column to numeric`;
  }
  if (fitting === "any" || named === undefined) return undefined;
  return fitting.includes(named)
    ? undefined
    : `the column type ${sqlType} cannot hold its values; use ${
      fitting.flatMap((name) => SPELLINGS[name] ?? []).join(", ")
    }, or z.string() for the text of any type`;
}

/** Returns a type without its length, its time zone, and the brackets of an array. */
function plainName(sqlType: string): string {
  return sqlType.toLowerCase()
    .replace(/\([^)]*\)/g, "")
    .replace(/\bwith(?:out)? time zone\b/, "")
    .replace(/\barray\b|\[\d*\]/g, "")
    .replace(/^\s*pg_catalog\./, "")
    .trim().replace(/\s+/g, " ");
}

/** Whether a type is one of PostgreSQL's own, and not a domain, an enum, or that of an extension. */
export function isOwnType(sqlType: string): boolean {
  return NAMES.has(plainName(sqlType));
}
