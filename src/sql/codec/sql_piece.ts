import type { RawBuilder } from "kysely";
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import type { SentValue } from "../link/link.ts";

/** Compiles SQL, and has no connection. */
const kysely = new Kysely<Record<never, never>>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** A piece of SQL. */
export type Sql = RawBuilder<unknown>;

/** A value in a piece of SQL, which is sent separately from the text. */
export class Bound {
  /** @param value the value, as PostgreSQL reads it */
  constructor(readonly value: SentValue) {}
}

/** A piece of SQL that is ready to send. */
export interface SqlText {
  /** The text. */
  readonly text: string;
  /** The values of the placeholders, in order. */
  readonly values: readonly SentValue[];
}

/** Compiles a piece of SQL. */
export function textOfSql(piece: Sql): SqlText {
  const compiled = piece.compile(kysely);
  return {
    text: compiled.sql,
    values: compiled.parameters.map((parameter) => {
      if (parameter instanceof Bound) return parameter.value;
      throw new TypeError("Values must be bound");
    }),
  };
}

/** Compiles a piece of SQL without values. */
export function plainText(piece: Sql): string {
  return textOfSql(piece).text;
}

/** The table of a model, with its schema if it has one. */
export function tableOf(
  model: { readonly table: string },
  schema: string | undefined,
): Sql {
  return schema === undefined
    ? sql.id(model.table)
    : sql.id(schema, model.table);
}

/** The column of a field. */
export function columnOf(field: Field): Sql {
  return sql.id(field.column);
}

/** The columns of an INSERT, with `overriding system value` if one is an identity GENERATED ALWAYS. */
export function insertTarget(fields: readonly Field[]): Sql {
  const isOverriding = fields.some(({ filled }) =>
    filled === "identity always"
  );
  return isOverriding
    ? sql`${columnListOf(fields)} overriding system value`
    : columnListOf(fields);
}

/** The columns of fields in parentheses; nothing if there are none. */
export function columnListOf(fields: readonly Field[]): Sql {
  return fields.length === 0 ? sql`` : sql`(${columnsOf(fields)})`;
}

/** The columns of fields, separated by commas. */
export function columnsOf(fields: readonly Field[]): Sql {
  return sql.join(fields.map(columnOf));
}
