import { cachedByModel } from "../../model/cached_by_model.ts";
import type { Field } from "../../model/field.ts";
import { isOwnType } from "../../model/sql_type_fits.ts";
import type {
  AggregateStatement,
  CountStatement,
  ExistsStatement,
  FindStatement,
} from "../../query/statement/statement.ts";
import { isTextType } from "../codec/column_type.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { Command, SqlLink } from "../link/link.ts";
import type { FactsOfTables } from "../schema/table_facts.ts";

/**
 * Compiles a read, with the facts of its table if a domain may decide how values
 * are compared. Returns a promise only if it must read the facts.
 */
export function compileRead(
  { compile, tables }: {
    readonly compile: Compiler;
    readonly tables: FactsOfTables;
  },
  link: SqlLink,
  statement:
    | FindStatement
    | CountStatement
    | ExistsStatement
    | AggregateStatement,
): Command | Promise<Command> {
  const { model, where } = statement;
  // The keys of a relation and of a session are compared as their columns do.
  if (where.kind !== "keys" && !hasOpaqueFields(model)) {
    return compile(statement);
  }
  const known = tables.known(model);
  return known === undefined
    ? tables.of(link, model).then((facts) => compile(statement, facts))
    : compile(statement, known);
}

const hasOpaqueFields = cachedByModel(({ fields }) => fields.some(isOpaque));

/** Whether only the database knows how a column stores and compares the values of a field. */
function isOpaque({ type: { kind }, sqlType }: Field): boolean {
  return sqlType !== undefined && !isOwnType(sqlType) &&
    (kind === "date" || kind === "float32" || kind === "float64" ||
      (kind === "string" && !isTextType(sqlType)));
}
