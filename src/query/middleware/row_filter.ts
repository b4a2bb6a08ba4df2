import type { AnyModel } from "../../model/types.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { ALL, all, type Condition } from "../statement/condition.ts";
import type { Statement } from "../statement/statement.ts";
import type { Middleware } from "./middleware.ts";

/** Returns the filter for the rows of a model; undefined for a model without one. */
export type FilterOf = (
  model: AnyModel,
) => Readonly<Record<string, unknown>> | undefined;

/**
 * Returns middleware that hides rows: it adds a filter to every statement that
 * finds rows, also to those of relations, sessions, `bulkUpdate` and streams.
 * Inserts and upserts write the rows that they are given, and an upsert also
 * overwrites a hidden row with the same key.
 *
 * @param filterOf returns the filter of a model, by its fields
 * @example
 * ```ts
 * import { connect, defineModel, rowFilter } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const Note = defineModel("note", {
 *   fields: z.object({ id: z.int32(), deleted: z.boolean().default(false) }),
 *   primaryKey: ["id"],
 * });
 * await using connection = await connect(
 *   { ENGINE: "pglite", DB_NAME: "memory://" },
 *   { models: [Note] },
 * );
 * await connection.createDb();
 * const db = connection.use(rowFilter(({ byName }) =>
 *   byName.has("deleted") ? { deleted: false } : undefined
 * ));
 * await db.query(Note).bulkInsert([{ id: 1 }, { id: 2, deleted: true }]);
 * assert.equal(await db.query(Note).count(), 1);
 * assert.equal(await connection.query(Note).count(), 2);
 * ```
 */
export function rowFilter(filterOf: FilterOf): Middleware {
  const conditionOf: ConditionOf = (model) =>
    compileFilter(model, filterOf(model));
  return (statement, next) => next(filtered(statement, conditionOf));
}

/** Returns the condition on the rows of a model. */
type ConditionOf = (model: AnyModel) => Condition;

function filtered(statement: Statement, conditionOf: ConditionOf): Statement {
  const own = conditionOf(statement.model);
  switch (statement.kind) {
    case "insert":
    case "insertRow":
    case "upsert":
      return statement;
    case "updateEach":
    case "updateEachReturning":
      return { ...statement, where: joined(statement.where ?? ALL, own) };
    default:
      return {
        ...statement,
        where: joined(ofRelations(statement.where, conditionOf), own),
      };
  }
}

/** Adds a condition, on one level with the terms that a key is found by. */
function joined(where: Condition, own: Condition): Condition {
  return all([...where.kind === "and" ? where.terms : [where], own]);
}

/** Adds the conditions of related models to the parts of a condition that are about their rows. */
function ofRelations(where: Condition, conditionOf: ConditionOf): Condition {
  switch (where.kind) {
    case "and":
    case "or":
      return {
        ...where,
        terms: where.terms.map((term) => ofRelations(term, conditionOf)),
      };
    case "not":
      return { ...where, term: ofRelations(where.term, conditionOf) };
    case "related":
      return {
        ...where,
        where: joined(
          ofRelations(where.where, conditionOf),
          conditionOf(where.target),
        ),
      };
    default:
      return where;
  }
}
