import { cachedByModel } from "../../model/cached_by_model.ts";
import type { Field } from "../../model/field.ts";
import { isOwnType } from "../../model/sql_type_fits.ts";
import {
  type Condition,
  hasRelations,
} from "../../query/statement/condition.ts";
import type {
  AggregateStatement,
  CountStatement,
  ExistsStatement,
  FindEachStatement,
  FindNearStatement,
  FindStatement,
} from "../../query/statement/statement.ts";
import { isTextType } from "../codec/column_type.ts";
import type { Compiler } from "../compile/compiler.ts";
import type { FindInZonesStatement } from "../compile/find_in_zones.ts";
import type { Command, SqlLink } from "../link/link.ts";
import type { FactsOfTables } from "../schema/table_facts.ts";
import { preparePositions, statementFacts } from "./statement_facts.ts";

/** What reads need. */
export interface ReadContext {
  readonly compile: Compiler;
  readonly tables: FactsOfTables;
}

/**
 * Compiles a read, with the facts of its tables if a domain or a relation may
 * decide how values are compared. Returns a promise only if it must read the facts.
 */
export function compileRead(
  { compile, tables }: ReadContext,
  link: SqlLink,
  statement:
    | FindStatement
    | FindEachStatement
    | FindNearStatement
    | FindInZonesStatement
    | CountStatement
    | ExistsStatement
    | AggregateStatement,
): Command | Promise<Command> {
  const { model, where } = statement;
  const isPlain = !comparesKeys(statement) && !hasOpaqueFields(model) &&
    !hasRelations(where);
  const reading = preparePositions(tables, link, statement);
  if (reading !== undefined) {
    return reading.then(() =>
      compileRead({ compile, tables }, link, statement)
    );
  }
  if (isPlain) return compile(statement);
  const facts = statementFacts(tables, link, statement);
  return facts instanceof Promise
    ? facts.then((facts) => compile(statement, facts))
    : compile(statement, facts);
}

/** Whether a statement has the keys of a relation or of a session, which are compared as their columns do. */
function comparesKeys(
  statement: { readonly kind: string; readonly where: Condition },
): boolean {
  const { kind, where } = statement;
  return kind === "findEach" || where.kind === "keys" ||
    (where.kind === "and" && where.terms.some(({ kind }) => kind === "keys"));
}

const hasOpaqueFields = cachedByModel(({ fields }) => fields.some(isOpaque));

/** Whether only the database knows how a column stores and compares the values of a field. */
function isOpaque({ type: { kind }, sqlType }: Field): boolean {
  return sqlType !== undefined && !isOwnType(sqlType) &&
    (kind === "date" || kind === "float32" || kind === "float64" ||
      (kind === "string" && !isTextType(sqlType)));
}
