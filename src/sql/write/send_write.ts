import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import {
  columnOf,
  plainText,
  type Sql,
  type SqlText,
  textOfSql,
} from "../codec/sql_piece.ts";
import { modelRows } from "../codec/model_rows.ts";
import type { SqlTransaction } from "../link/link.ts";

/** A statement that can return the rows that it writes. */
export interface Returning {
  readonly model: AnyModel;
  /** The fields to return. */
  readonly returning?: readonly Field[] | undefined;
}

/** What a statement wrote. */
export interface WrittenRows {
  /** The number of rows. */
  readonly count: number;
  /** The rows; none if the statement returns no rows. */
  readonly rows: readonly object[];
}

/** What a statement that is not sent wrote. */
export const NOTHING: WrittenRows = { count: 0, rows: [] };

/**
 * Executes a statement that writes rows, with a RETURNING clause if they are requested.
 *
 * @param table the name of the written table in the statement, if it has another table too
 */
export async function sendWrite(
  tx: SqlTransaction,
  statement: Returning,
  piece: Sql,
  table?: string,
): Promise<WrittenRows> {
  return await sendWriteText(tx, statement, textOfSql(piece), table);
}

/** The same for a statement that is compiled already. */
export async function sendWriteText(
  tx: SqlTransaction,
  { model, returning }: Returning,
  { text, values }: SqlText,
  table?: string,
): Promise<WrittenRows> {
  if (returning === undefined) {
    const { count } = await tx.query({ text, values });
    return { count, rows: NOTHING.rows };
  }
  const columns = plainText(returnedColumns(returning, table));
  const rows: object[] = [];
  const { count } = await tx.query(
    { text: `${text} returning ${columns}`, values },
    modelRows(model, returning, (row) => void rows.push(row)),
  );
  return { count, rows };
}

/**
 * Returns a RETURNING clause with a space before it; nothing if no rows are requested.
 *
 * @param table the name of the written table in the statement, if it has another table too
 */
export function returningClause(
  returning: readonly Field[] | undefined,
  table?: string,
): Sql {
  return returning === undefined
    ? sql``
    : sql` returning ${returnedColumns(returning, table)}`;
}

/** Returns the part of the kind of a statement that says what it returns. */
export function returnedKind(returning: readonly Field[] | undefined): string {
  return returning === undefined
    ? ""
    : ` returning ${JSON.stringify(returning.map(({ name }) => name))}`;
}

/** Returns the columns of a RETURNING clause. */
export function returnedColumns(
  fields: readonly Field[],
  table: string | undefined,
): Sql {
  return sql.join(
    fields.map((field) =>
      table === undefined ? columnOf(field) : sql.id(table, field.column)
    ),
  );
}
