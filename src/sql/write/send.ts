import { type Sql, textOfSql } from "../codec/sql_piece.ts";
import type { Rows, SqlTransaction } from "../link/link.ts";

/** Executes a piece of SQL, and returns the number of rows. */
export async function send(
  tx: SqlTransaction,
  piece: Sql,
  rows?: Rows,
): Promise<number> {
  const { count } = await tx.query(textOfSql(piece), rows);
  return count;
}
