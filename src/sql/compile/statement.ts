import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import { ALL } from "../../query/statement/condition.ts";
import type {
  AggregateStatement,
  CountStatement,
  DeleteReturningStatement,
  DeleteStatement,
  ExistsStatement,
  FindEachStatement,
  FindStatement,
  GetOrCreateStatement,
  InsertRowStatement,
  Returned,
  UpdateEachStatement,
  UpdateReturningStatement,
  UpdateStatement,
} from "../../query/statement/statement.ts";
import { writeAggregate } from "./aggregate.ts";
import { assignment } from "./assignment.ts";
import { comparedPair } from "./compared_pair.ts";
import { writeWhere } from "./condition.ts";
import { writeFindEach } from "./find_each.ts";
import { orderClause, sortText } from "./order.ts";
import { distanceText } from "./sky.ts";
import {
  columnListText,
  columnText,
  type SqlWriter,
  valueText,
} from "./sql_writer.ts";

/** Statements that are one SQL statement; inserts and upserts are written in `sql/write`. */
export type TextStatement =
  | FindStatement
  | FindEachStatement
  | CountStatement
  | ExistsStatement
  | AggregateStatement
  | GetOrCreateStatement
  | InsertRowStatement
  | UpdateStatement
  | UpdateReturningStatement
  | UpdateEachStatement
  | DeleteStatement
  | DeleteReturningStatement;

/** Writes a statement as SQL, in one pass over its conditions and values. */
export function writeStatement(
  to: SqlWriter,
  statement: TextStatement,
  table: string,
  takesOnConflict = true,
): void {
  switch (statement.kind) {
    case "find":
      writeFind(to, statement, table);
      break;
    case "findEach":
      writeFindEach(to, statement, table);
      break;
    case "count":
      writeCount(to, statement, table);
      break;
    case "exists":
      to.outline += `select exists (select from ${table}`;
      writeWhere(to, statement.where);
      to.outline += ")";
      break;
    case "aggregate":
      writeAggregate(to, statement, table);
      break;
    case "delete":
      writeDelete(to, statement, table);
      break;
    case "deleteReturning":
      writeReturning(
        to,
        statement,
        () => writeDelete(to, statement, table),
      );
      break;
    case "update":
      writeUpdate(to, statement, table);
      break;
    case "updateReturning":
      writeReturning(
        to,
        statement,
        () => writeUpdate(to, statement, table),
      );
      break;
    case "getOrCreate":
      writeGetOrCreate(to, statement, table, takesOnConflict);
      break;
    case "insertRow":
      writeInsertRow(to, statement, table);
      break;
    case "updateEach":
      writeUpdateEach(to, statement, table);
      break;
  }
}

function writeFind(
  to: SqlWriter,
  { model, fields, where, nearest, order, limit, offset, lock }: FindStatement,
  table: string,
): void {
  to.outline += `select ${columnListText(model, fields)} from ${table}`;
  writeWhere(to, where);
  to.outline += orderClause([
    ...nearest === undefined ? [] : [distanceText(to, nearest)],
    ...order.map((sort) => sortText(to, sort)),
  ]);
  if (limit !== undefined) {
    to.outline += " limit ";
    to.value(String(limit));
  }
  if (offset > 0) {
    to.outline += " offset ";
    to.value(String(offset));
  }
  if (lock !== undefined) {
    to.outline += ` for ${lock.mode}${lock.skipLocked ? " skip locked" : ""}`;
  }
}

function writeCount(
  to: SqlWriter,
  { where, max }: CountStatement,
  table: string,
): void {
  to.outline += max === undefined
    ? `select count(*) from ${table}`
    : `select count(*) from (select from ${table}`;
  writeWhere(to, where);
  if (max === undefined) return;
  to.outline += " limit ";
  to.value(String(max));
  to.outline += ") as counted";
}

function writeDelete(
  to: SqlWriter,
  { where }: Pick<DeleteStatement, "where">,
  table: string,
): void {
  to.outline += `delete from ${table}`;
  writeWhere(to, where);
}

/** Writes a statement that returns the rows that it wrote, in their order. */
function writeReturning(
  to: SqlWriter,
  { model, returning, order }: Returned & { readonly model: AnyModel },
  write: () => void,
): void {
  const ordered = order.map(({ field }) => field)
    .filter((field) => !returning.includes(field));
  to.outline += "with dbp_written as (";
  write();
  to.outline += ` returning ${
    [...returning, ...ordered].map(columnText).join(", ")
  }) select ${columnListText(model, returning)} from dbp_written${
    orderClause(order.map((sort) => sortText(to, sort)))
  }`;
}

function writeUpdate(
  to: SqlWriter,
  { set, operations, where }: Pick<
    UpdateStatement,
    "set" | "operations" | "where"
  >,
  table: string,
): void {
  to.outline += `update ${table} set `;
  let separator = "";
  for (const [field, value] of set) {
    to.outline += `${separator}${columnText(field)} = `;
    to.outline += assignment(
      to,
      field,
      operations.get(field),
      to.placeholder(valueText(field, value)),
    );
    separator = ", ";
  }
  writeWhere(to, where);
}

/** Returns the existing row, or else the new one. After a lost race it returns neither, and the caller repeats it. */
function writeGetOrCreate(
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

function writeInsertRow(
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

/** Updates many rows at once: keys and values are sent as one array for each column. */
function writeUpdateEach(
  to: SqlWriter,
  { key, where = ALL, set, operations, changes, needsAll }: UpdateEachStatement,
  table: string,
): void {
  const source = (index: number): string => `"source"."v${index}"`;
  const assignments = set.map((field, index) =>
    `${columnText(field)} = ${
      assignment(
        to,
        field,
        operations.get(field),
        source(key.length + index),
        `"target".`,
      )
    }`
  );
  if (needsAll === true) to.outline += "with updated as (";
  to.outline += `update ${table} as target set ${
    assignments.join(", ")
  } from unnest(`;
  for (const [index, field] of [...key, ...set].entries()) {
    if (index > 0) to.outline += ", ";
    to.array(
      field,
      changes.map(({ key: keys, values }) =>
        index < key.length ? keys[index] : values[index - key.length]
      ),
    );
  }
  const names = [...key, ...set].map((_, index) => `"v${index}"`);
  const matches = key.map((field, index) =>
    comparedPair(to, field, `"target".${columnText(field)}`, source(index))
      .join(" = ")
  );
  to.outline += `) as source(${names.join(", ")}) where ${
    matches.join(" and ")
  }`;
  to.named('"target"', () => writeWhere(to, where, " and "));
  if (needsAll !== true) return;
  to.outline += " returning 1) select case when count(*) = cast(";
  to.value(String(changes.length));
  // The cast fails, and its error undoes the update.
  to.outline +=
    " as bigint) then 1 else cast('only ' || count(*) || ' of the rows exist' as integer) end from updated";
}
