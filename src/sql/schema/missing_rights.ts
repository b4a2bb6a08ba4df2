import { DatabaseError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import { ALL, comparedFields } from "../../query/statement/condition.ts";
import { writtenFields } from "../../model/server_filling.ts";
import type { Statement } from "../../query/statement/statement.ts";
import { list, named } from "../codec/quote.ts";
import { isOfPolicy, serverErrorOf } from "../link/server_error.ts";
import type { ColumnRights } from "./column_facts.ts";
import type { TableFacts } from "./table_facts.ts";

type Needs = Readonly<Partial<Record<keyof ColumnRights, readonly Field[]>>>;

/**
 * Returns the error of a denied statement with the missing privileges of the role
 * on the table, and the GRANT that gives them. Returns the error unchanged if the
 * role has the privileges that the statement needs there.
 */
export function withMissingRights(
  error: DatabaseError,
  statement: Statement,
  facts: TableFacts,
): DatabaseError {
  const { model } = statement;
  const { message } = serverErrorOf(error) ?? error;
  const advice = isOfPolicy(error)
    ? `A policy of the table does not allow ${facts.role} this row, or hides the existing row with its key`
    : grantText(statement, facts);
  if (advice === undefined) return error;
  return new DatabaseError(
    `Cannot ${VERBS[statement.kind]} ${model.name}: ${message}. ${advice}`,
    { cause: error.cause ?? error, code: error.code },
  );
}

const VERBS: Readonly<Record<Statement["kind"], string>> = {
  find: "read",
  findEach: "read",
  findNear: "read",
  count: "read",
  exists: "read",
  aggregate: "read",
  getOrCreate: "get or create",
  insertRow: "insert into",
  insert: "insert into",
  upsert: "upsert",
  update: "update",
  updateReturning: "update",
  updateEach: "update",
  updateEachReturning: "update",
  delete: "delete from",
  deleteReturning: "delete from",
};

function grantText(
  statement: Statement,
  facts: TableFacts,
): string | undefined {
  const { model } = statement;
  if (facts.kind === undefined) return undefined;
  const needs = needsOf(statement);
  const rights: string[] = [];
  const texts: string[] = [];
  for (const right of ["select", "insert", "update"] as const) {
    const lacking = (needs[right] ?? []).filter(({ column }) =>
      facts.columns.get(column)?.rights[right] === false
    );
    if (lacking.length === 0) continue;
    const isAll = [...facts.columns.values()].every(({ rights }) =>
      !rights[right]
    );
    const columns = list(lacking.map(({ column }) => column));
    const name = right.toUpperCase();
    rights.push(isAll ? name : `${name} (${columns})`);
    texts.push(`${name} on ${isAll ? "the table" : columns}`);
  }
  const isDelete = statement.kind === "delete" ||
    statement.kind === "deleteReturning";
  if (isDelete && !facts.isDeletable) {
    rights.push("DELETE");
    texts.push("DELETE on the table");
  }
  if (rights.length === 0) return undefined;
  const table = facts.schema === undefined
    ? named(model.table)
    : `${named(facts.schema)}.${named(model.table)}`;
  return `The role ${facts.role} lacks ${texts.join(" and ")}: GRANT ${
    rights.join(", ")
  } ON ${table} TO ${named(facts.role)}`;
}

/** The rights on columns that a statement needs. */
function needsOf(statement: Statement): Needs {
  const { model } = statement;
  const all = model.fields;
  const where = "where" in statement
    ? comparedFields(statement.where ?? ALL)
    : [];
  const returned = "returning" in statement ? statement.returning ?? [] : [];
  const key = fieldsNamed(model, model.primaryKey);
  const found = [...key, ...returned, ...where];
  switch (statement.kind) {
    case "find":
    case "findNear":
      return { select: [...statement.fields, ...where] };
    case "findEach":
      return { select: [...statement.fields, ...statement.key, ...where] };
    case "count":
    case "exists":
      return { select: where.length === 0 ? all : where };
    case "aggregate": {
      const fields = [
        ...statement.groupBy,
        ...statement.measures.flatMap((measure) =>
          measure.kind === "count" ? [] : [measure.field]
        ),
        ...where,
      ];
      return { select: fields.length === 0 ? all : fields };
    }
    case "getOrCreate":
    case "insertRow":
      return { select: all, insert: [...statement.row.keys()] };
    case "insert":
      return { select: returned, insert: writtenFields(model) };
    case "upsert": {
      const { conflict, prefer, update } = statement;
      const written = writtenFields(model);
      return {
        select: [...conflict, ...prefer, ...returned],
        insert: written,
        update: update ?? written.filter((field) => !conflict.includes(field)),
      };
    }
    case "update":
      return { select: where, update: [...statement.set.keys()] };
    case "updateReturning":
      return { select: found, update: [...statement.set.keys()] };
    case "updateEach":
    case "updateEachReturning":
      return { select: found, update: statement.set };
    case "delete":
      return { select: where };
    case "deleteReturning":
      return { select: found };
  }
}
