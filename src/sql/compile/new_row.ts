import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type {
  GetOrCreateStatement,
  InsertRowStatement,
} from "../../query/statement/statement.ts";
import { writeWhere } from "./condition.ts";
import { columnListText, type SqlWriter } from "./sql_writer.ts";

/** Returns the existing row, or else the new one. After a lost race it returns neither, and the caller repeats it. */
export function writeGetOrCreate(
  to: SqlWriter,
  { model, where, row }: GetOrCreateStatement,
  table: string,
  takesOnConflict: boolean,
): void {
  const rule = takesOnConflict ? " on conflict do nothing" : "";
  const all = columnListText(model, model.fields);
  to.outline += `with dbp_existing as (select ${all} from ${table}`;
  writeWhere(to, where);
  to.outline += ` limit 1), dbp_created as (insert into ${
    insertTargetText(model, table, row)
  } select `;
  writeValues(to, row);
  to.outline +=
    ` where not exists (select from dbp_existing)${rule} returning ${all}) select ${all}, false from dbp_existing union all select ${all}, true from dbp_created`;
}

/** Inserts a row and returns it as it is stored. */
export function writeInsertRow(
  to: SqlWriter,
  { model, row }: InsertRowStatement,
  table: string,
): void {
  to.outline += `insert into ${insertTargetText(model, table, row)} `;
  if (row.size === 0) to.outline += "default values";
  else {
    to.outline += "values (";
    writeValues(to, row);
    to.outline += ")";
  }
  to.outline += ` returning ${columnListText(model, model.fields)}`;
}

/** Returns the target of an INSERT; values for an identity GENERATED ALWAYS require `overriding system value`. */
function insertTargetText(
  model: AnyModel,
  table: string,
  row: ReadonlyMap<Field, unknown>,
): string {
  if (row.size === 0) return table;
  const columns = columnListText(
    model,
    // A new row has its fields in the order of the model.
    row.size === model.fields.length ? model.fields : [...row.keys()],
  );
  const isOverriding = model.fields.some((field) =>
    field.filled === "identity always" && row.has(field)
  );
  return `${table} (${columns})${
    isOverriding ? " overriding system value" : ""
  }`;
}

/** Writes the values of a new row, separated by commas. */
function writeValues(to: SqlWriter, row: ReadonlyMap<Field, unknown>): void {
  let separator = "";
  for (const [field, value] of row) {
    to.outline += separator;
    to.castValue(field, value);
    separator = ", ";
  }
}
