import type { Field } from "../../model/field.ts";
import { isInteger } from "../../model/value_problem.ts";
import { isExactKey } from "../codec/stored_form.ts";
import type { TableFacts } from "../schema/table_facts.ts";

/** The first and the last of ascending values. */
export interface Range {
  readonly first: number | bigint;
  readonly last: number | bigint;
}

/** Returns the first field of a key, if its column keeps its integers as they are; undefined if not. */
export function ascendingField(
  [field]: readonly Field[],
  { columns }: TableFacts,
): Field | undefined {
  if (field === undefined) return undefined;
  return isInteger(field.type) && isExactKey(field, columns.get(field.column))
    ? field
    : undefined;
}

/** Returns the range with the value of the next row; undefined if the values do not ascend. */
export function extended(
  range: Range | undefined,
  isFirst: boolean,
  value: unknown,
): Range | undefined {
  if (typeof value !== "bigint" && typeof value !== "number") return undefined;
  if (isFirst) return { first: value, last: value };
  return range !== undefined && value > range.last
    ? { first: range.first, last: value }
    : undefined;
}
