import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import type { SentColumn } from "../codec/sent_column.ts";
import { Bound, columnOf, type Sql } from "../codec/sql_piece.ts";
import type { SentValue } from "../link/link.ts";

/** The column that has the order of the rows. */
export const POSITION: Sql = sql.ref("dbp_position");

/** Returns rows in a statement, as an item of FROM with one array for each column. */
export function rowsSource(
  columns: readonly Field[],
  sent: readonly SentColumn[],
  arrays: readonly SentValue[],
): Sql {
  const values = sent.map(({ sqlType }, index) =>
    sql`cast(${sql.val(new Bound(arrays[index] ?? null))} as ${
      sql.raw(`${sqlType}[]`)
    })`
  );
  const reads = columns.map((field, index) =>
    sql`${sql.raw(sent[index]?.read(`v${index}`) ?? "null")} as ${
      columnOf(field)
    }`
  );
  const names = columns.map((_, index) => sql.id(`v${index}`));
  return sql`(select ${sql.join(reads)}, ${POSITION} from unnest(${
    sql.join(values)
  }) with ordinality as v(${sql.join(names)}, ${POSITION})) as staged`;
}

/** Returns rows without columns, as an item of FROM. */
export function emptyRowsSource(rows: number): Sql {
  return sql`(select n as ${POSITION} from generate_series(1, ${
    sql.raw(String(rows))
  }) as n) as staged`;
}
