import type { Field } from "../../model/field.ts";
import { isNumbered } from "../../model/server_filling.ts";
import { named, quoted } from "../codec/quote.ts";

const NEXTVAL = /\bnextval\s*\(([^()]*(?:\([^()]*\)[^()]*)?)\)/i;

/** Returns whether the server fills a field with numbers of a sequence. */
export function usesSequence(field: Field): boolean {
  return isNumbered(field) || NEXTVAL.test(field.sqlDefault ?? "");
}

/** Returns the statement that advances the sequence of a field beyond the greatest value, and never moves it back. */
export function advanceSequence(
  table: string,
  { column, sqlDefault }: Pick<Field, "column"> & Partial<Field>,
): string {
  const t = named(table);
  const sequence = NEXTVAL.exec(sqlDefault ?? "")?.[1] ??
    `pg_get_serial_sequence(${quoted(t)}, ${quoted(column)})`;
  return `SELECT setval(${sequence}, greatest(nextval(${sequence}), (SELECT max(${
    named(column)
  }) FROM ${t})))`;
}
