import type { Field } from "../../model/field.ts";
import { quotedName } from "../codec/quote.ts";
import { OID } from "../codec/wire/types.ts";
import type { ColumnFacts } from "../schema/column_facts.ts";
import type { TableFacts } from "../schema/table_facts.ts";

const JSON_ARRAY = 199;
/** Escapes in a text of JSON that jsonb refuses, as a regular expression. */
const ONLY_IN_JSON = String.raw`\\u(0000|[dD][89a-fA-F])`;
/** Types without an operator for equality, or one that ignores a part of the value. */
const LOOSE: ReadonlySet<number> = new Set([
  ...[OID.json, JSON_ARRAY, OID.point, OID.lseg, OID.path, OID.box],
  ...[OID.polygon, OID.line, OID.circle, 142, 143, 1186, 1187],
]);
/** The first object identifier of a type that is not PostgreSQL's own. */
const FIRST_USER_TYPE = 16_384;

/**
 * Returns the condition that a row would change the values of an existing row,
 * as SQL. True if the role may not read these values.
 *
 * @param from the name of the row with the new values
 */
export function changesText(
  set: readonly Field[],
  { columns }: TableFacts,
  existing: string,
  from: string,
): string {
  if (set.length === 0) return "true";
  if (set.some(({ column }) => columns.get(column)?.rights.select === false)) {
    return "true";
  }
  const names = (table: string) =>
    set.map(({ column }) =>
      comparedText(
        `${quotedName(table)}.${quotedName(column)}`,
        columns.get(column),
      )
    ).join(", ");
  const isLoose = set.some((field) => isLooseIn(columns.get(field.column)));
  // Images of rows compare the stored bytes.
  return isLoose
    ? `cast(row(${names(existing)}) as record) *<> cast(row(${
      names(from)
    }) as record)`
    : `(${names(existing)}) is distinct from (${names(from)})`;
}

/** A column as it is compared: a `json` by its value, not by its text. */
function comparedText(name: string, column: ColumnFacts | undefined): string {
  if (column?.baseType !== OID.json) return name;
  const text = `cast(${name} as text)`;
  return `case when ${text} ~ '${ONLY_IN_JSON}' then to_jsonb(${text}) else cast(${text} as jsonb) end`;
}

function isLooseIn(column: ColumnFacts | undefined): boolean {
  if (column === undefined) return false;
  const { baseType, itemType, typeKind, isDeterministic } = column;
  return LOOSE.has(baseType) || !isDeterministic ||
    (typeKind !== "e" && baseType >= FIRST_USER_TYPE) ||
    itemType >= FIRST_USER_TYPE;
}
