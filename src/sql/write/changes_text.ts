import type { Field } from "../../model/field.ts";
import { elementKind } from "../codec/kinds.ts";
import { quotedName } from "../codec/quote.ts";
import { OID } from "../codec/wire/types.ts";
import type { ColumnFacts } from "../schema/column_facts.ts";
import type { TableFacts } from "../schema/table_facts.ts";

/** Escapes in a text of JSON that jsonb refuses, as a regular expression. */
const ONLY_IN_JSON = String.raw`\\u(0000|[dD][89a-fA-F])`;
/** Types without an operator for equality, or one that ignores a part of the value; the numbers are xml, refcursor, txid_snapshot, jsonpath, and pg_snapshot. */
const LOOSE: ReadonlySet<number> = new Set([
  ...[OID.json, OID.point, OID.lseg, OID.path, OID.box, OID.polygon],
  ...[OID.line, OID.circle, OID.interval, 142, 1790, 2970, 4072, 5038],
]);
/** Types whose equal values can have different texts, such as 1.0 and 1.00; the numbers are numrange and nummultirange. */
const SCALED: ReadonlySet<number> = new Set([
  ...[OID.numeric, OID.jsonb, 3906, 4532],
]);
/** The first object identifier of a type that is not PostgreSQL's own. */
const FIRST_USER_TYPE = 16_384;

/** Returns the value of a field as SQL. */
type ValueText = (field: Field) => string;

/** Returns the column of a field in a row. */
export function columnText(row: string, { column }: Field): string {
  return `${quotedName(row)}.${quotedName(column)}`;
}

/**
 * Returns the condition that new values would change those of an existing row,
 * as SQL. True if the role may not read these values.
 *
 * @param existing the name of the existing row
 */
export function changesText(
  set: readonly Field[],
  { columns }: TableFacts,
  existing: string,
  newValue: ValueText,
): string {
  if (set.length === 0) return "true";
  if (set.some(({ column }) => columns.get(column)?.rights.select === false)) {
    return "true";
  }
  const values = (valueOf: ValueText) =>
    set.map((field) =>
      comparedText(valueOf(field), field, columns.get(field.column))
    ).join(", ");
  const before = values((field) => columnText(existing, field));
  const after = values(newValue);
  const isLoose = set.some((field) =>
    isLooseIn(field, columns.get(field.column))
  );
  // Images of rows compare the stored bytes.
  return isLoose
    ? `cast(row(${before}) as record) *<> cast(row(${after}) as record)`
    : `(${before}) is distinct from (${after})`;
}

/** A column as it is compared: a `json` by its value, not by its text, unless the field is that text. */
function comparedText(
  name: string,
  { type }: Field,
  column: ColumnFacts | undefined,
): string {
  if (column?.baseType !== OID.json || type.kind !== "json") return name;
  const text = `cast(${name} as text)`;
  return `case when ${text} ~ '${ONLY_IN_JSON}' then to_jsonb(${text}) else cast(${text} as jsonb) end`;
}

function isLooseIn(field: Field, column: ColumnFacts | undefined): boolean {
  if (column === undefined) return false;
  const { baseType, itemType, typeKind, isDeterministic } = column;
  const isText = elementKind(field.type) === "string";
  return !isDeterministic ||
    (typeKind !== "e" && baseType >= FIRST_USER_TYPE) ||
    itemType >= FIRST_USER_TYPE ||
    [baseType, itemType].some((type) =>
      LOOSE.has(type) || (isText && SCALED.has(type))
    );
}
