import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { OID } from "../codec/wire/types.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import type { Shape } from "./layer.ts";
import type { SortedColumns } from "./sorted_copy.ts";

const INTEGERS: readonly number[] = [OID.int2, OID.int4, OID.int8];

/**
 * Returns the columns by which rows are sorted before COPY: by the first field of
 * the primary key, if that keeps rows together that share the first field of a
 * foreign key or of an index. Undefined if the rows keep their order, because the
 * server numbers them.
 */
export function sortedColumns(
  { primaryKey, foreignKeys, indexes, partitionBy }: AnyModel,
  { columns }: Shape,
  facts: TableFacts,
): SortedColumns | undefined {
  const positionOf = (name: unknown): number =>
    columns.findIndex((field) => field.name === name);
  const [first] = primaryKey;
  const key = positionOf(first);
  if (key < 0 || isNumbered(columns, facts)) return undefined;
  const names = [
    ...foreignKeys.map(({ fields }) => fields[0]),
    ...indexes.map(({ fields: [part] }) =>
      typeof part === "object" && "field" in part ? part.field : part
    ),
    partitionBy?.hash,
  ];
  const grouped = [...new Set(names.map(positionOf))].filter((position) =>
    position >= 0 && position !== key
  );
  return { key, grouped };
}

/** Whether the server may number the rows in a column that they leave out. */
function isNumbered(
  written: readonly Field[],
  { columns }: TableFacts,
): boolean {
  const names = new Set(written.map(({ column }) => column));
  return columns.entries().some(([name, { identity, hasDefault, baseType }]) =>
    !names.has(name) &&
    (identity !== undefined || hasDefault && INTEGERS.includes(baseType))
  );
}
