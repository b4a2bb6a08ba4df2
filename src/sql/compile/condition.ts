import { sql } from "kysely";
import type { Field, FieldType } from "../../model/field.ts";
import type { Comparison, Condition } from "../../query/statement/statement.ts";
import { columnOf, columnsOf, Slot, type Sql } from "../codec/sql_text.ts";
import { bindType } from "../codec/types.ts";

/** Gives the place of the next value, in the order in which a shape meets values. */
export type Slots = () => Sql;

/** Places for values, from the first. */
export function slots(): Slots {
  let index = 0;
  return () => sql.val(new Slot(index++));
}

const SIGNS: Readonly<Record<Comparison, Sql>> = {
  eq: sql`=`,
  ne: sql`<>`,
  gt: sql`>`,
  gte: sql`>=`,
  lt: sql`<`,
  lte: sql`<=`,
};

/**
 * A condition as SQL. Alone it may be unknown where SQL's three-valued logic
 * says so, which keeps no row either; under `not` it is made false.
 */
export function condition(expr: Condition, slot: Slots): Sql {
  switch (expr.kind) {
    case "all":
      return sql`true`;
    case "none":
      return sql`false`;
    case "compare":
      return comparison(expr, slot);
    case "in":
      return isIn(expr.field, slot);
    case "null":
      return sql`${columnOf(expr.field)} is null`;
    case "like":
      return sql`${columnOf(expr.field)} like ${slot()}`;
    case "contains":
      return sql`${columnOf(expr.field)} @> ${slot()}`;
    case "keys":
      return isKey(expr.fields, slot);
    case "and":
    case "or": {
      const terms = expr.terms.map((term) => condition(term, slot));
      return sql`(${
        sql.join(terms, expr.kind === "and" ? sql` and ` : sql` or `)
      })`;
    }
    case "not":
      return negation(expr.term, slot);
  }
}

function comparison(
  { field, operator }: Extract<Condition, { kind: "compare" }>,
  slot: Slots,
): Sql {
  if (operator === "ne" && field.nullable) {
    return sql`${columnOf(field)} is distinct from ${bound(field, slot)}`;
  }
  return sql`${columnOf(field)} ${SIGNS[operator]} ${bound(field, slot)}`;
}

function negation(term: Condition, slot: Slots): Sql {
  if (term.kind === "null") return sql`${columnOf(term.field)} is not null`;
  if (term.kind === "in" && !term.field.nullable && isScalar(term.field.type)) {
    return sql`${columnOf(term.field)} <> all(${slot()})`;
  }
  return sql`(${condition(term, slot)}) is not true`;
}

/** Of a list of scalars; of arrays, which PostgreSQL would unnest to the bottom, of their texts. */
function isIn(field: Field, slot: Slots): Sql {
  return isScalar(field.type)
    ? sql`${columnOf(field)} = any(${slot()})`
    : sql`${columnOf(field)} in (select cast(item as ${
      sql.raw(bindType(field))
    }) from unnest(cast(${slot()} as text[])) as list(item))`;
}

/** Of a list of keys, sent as one array for each field. */
function isKey(fields: readonly Field[], slot: Slots): Sql {
  const arrays = fields.map((field) =>
    sql`cast(${slot()} as ${sql.raw(bindType(field))}[])`
  );
  return sql`(${columnsOf(fields)}) in (select * from unnest(${
    sql.join(arrays)
  }))`;
}

/** A value, with its type where PostgreSQL could not tell it from the column. */
function bound(field: Field, slot: Slots): Sql {
  return isScalar(field.type)
    ? slot()
    : sql`cast(${slot()} as ${sql.raw(bindType(field))})`;
}

function isScalar(type: FieldType): boolean {
  return type.kind !== "array" && type.kind !== "json";
}
