import { type Sql, textOfSql } from "../codec/sql_piece.ts";
import type { RawRow, SqlTransaction } from "../link/link.ts";

/** Executes a piece of SQL, and returns the number of rows. */
export async function send(
  tx: SqlTransaction,
  piece: Sql,
  onRow?: (row: RawRow) => void,
): Promise<number> {
  const { count } = await tx.query(textOfSql(piece), onRow);
  return count;
}
