import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from "kysely";
import type { Field } from "../../model/field.ts";

/** Builds text and sends nothing. */
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

/** The place of a value that is sent apart from the text. */
export class Slot {
  /** @param index which of the statement's values */
  constructor(readonly index: number) {}
}

/** SQL text, and which of the statement's values each placeholder stands for. */
export interface SqlText {
  /** The text. */
  readonly text: string;
  /** Indices of values, by placeholder. */
  readonly order: readonly number[];
}

/** The text of a piece of SQL. */
export function textOfSql(piece: Sql): SqlText {
  const compiled = piece.compile(kysely);
  return {
    text: compiled.sql,
    order: compiled.parameters.map((parameter) => {
      if (parameter instanceof Slot) return parameter.index;
      throw new TypeError("A value got into the text of a statement");
    }),
  };
}

/** The text of a piece of SQL that has no values. */
export function plainText(piece: Sql): string {
  return textOfSql(piece).text;
}

/** A model's table, with its schema where it has one. */
export function tableOf(
  model: { readonly table: string },
  schema: string | undefined,
): Sql {
  return schema === undefined
    ? sql.id(model.table)
    : sql.id(schema, model.table);
}

/** A field's column. */
export function columnOf(field: Field): Sql {
  return sql.id(field.column);
}

/** A list of columns. */
export function columnsOf(fields: readonly Field[]): Sql {
  return sql.join(fields.map(columnOf));
}
