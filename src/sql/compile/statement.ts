import type { AnyModel } from "../../model/types.ts";
import type {
  CountStatement,
  DeleteStatement,
  FindStatement,
  InsertStatement,
  Returned,
  Statement,
  UpdateStatement,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import { writeAggregate } from "./aggregate.ts";
import { assignment } from "./assignment.ts";
import { writeWhere } from "./condition.ts";
import { writeFindEach } from "./find_each.ts";
import {
  type FindInZonesStatement,
  writeFindInZones,
} from "./find_in_zones.ts";
import { writeFindNear } from "./find_near.ts";
import { writeGetOrCreate, writeInsertRow } from "./new_row.ts";
import { orderClause, sortText } from "./order.ts";
import { separationText } from "./separation.ts";
import {
  columnListText,
  columnText,
  type SqlWriter,
  valueText,
} from "./sql_writer.ts";
import { writeUpdateEach } from "./update_each.ts";

/** Statements that are one SQL statement; inserts and upserts are written in `sql/write`. */
export type TextStatement =
  | Exclude<Statement, InsertStatement | UpsertStatement>
  | FindInZonesStatement;

/** Writes a statement as SQL, in one pass over its conditions and values. */
export function writeStatement(
  to: SqlWriter,
  statement: TextStatement,
  table: string,
  takesOnConflict = true,
): void {
  switch (statement.kind) {
    case "find":
      return writeFind(to, statement, table);
    case "findEach":
      return writeFindEach(to, statement, table);
    case "findNear":
      return writeFindNear(to, statement, table);
    case "findInZones":
      return writeFindInZones(to, statement, table);
    case "count":
      return writeCount(to, statement, table);
    case "exists":
      to.outline += `select exists (select from ${table}`;
      writeWhere(to, statement.where);
      to.outline += ")";
      break;
    case "aggregate":
      return writeAggregate(to, statement, table);
    case "delete":
      return writeDelete(to, statement, table);
    case "deleteReturning":
      return writeReturning(
        to,
        statement,
        () => writeDelete(to, statement, table),
      );
    case "update":
      return writeUpdate(to, statement, table);
    case "updateReturning":
      return writeReturning(
        to,
        statement,
        () => writeUpdate(to, statement, table),
      );
    case "getOrCreate":
      return writeGetOrCreate(to, statement, table, takesOnConflict);
    case "insertRow":
      return writeInsertRow(to, statement, table);
    case "updateEach":
      return writeUpdateEach(to, statement, table);
    case "updateEachReturning":
      writeUpdateEach(to, { ...statement, kind: "updateEach" }, table);
      to.outline += ` returning ${
        statement.returning.map((field) => `"target".${columnText(field)}`)
          .join(", ")
      }`;
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
    ...nearest === undefined ? [] : [separationText(to, nearest)],
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
