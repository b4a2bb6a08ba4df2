import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import type { SentColumn } from "../codec/sent_column.ts";
import { quotedName } from "../codec/quote.ts";
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
    castTo(`${sqlType}[]`, arrays[index])
  );
  const names = columns.map((_, index) => sql.id(`v${index}`));
  return sql`(select ${readsOf(columns, sent)}, ${POSITION} from unnest(${
    sql.join(values)
  }) with ordinality as v(${sql.join(names)}, ${POSITION})) as staged`;
}

/** Returns one row in a statement, with one value for each column: an array of one item takes the server twice as long. */
export function rowSource(
  columns: readonly Field[],
  sent: readonly SentColumn[],
  values: readonly SentValue[],
): Sql {
  const casts = sent.map(({ sqlType }, index) =>
    sql`${castTo(sqlType, values[index])} as ${sql.id(`v${index}`)}`
  );
  return sql`(select ${readsOf(columns, sent)}, 1 as ${POSITION} from (select ${
    sql.join(casts)
  }) as v) as staged`;
}

function castTo(sqlType: string, value: SentValue | undefined): Sql {
  return sql`cast(${sql.val(new Bound(value ?? null))} as ${sql.raw(sqlType)})`;
}

function readsOf(
  columns: readonly Field[],
  sent: readonly SentColumn[],
): Sql {
  return sql.join(
    columns.map((field, index) =>
      sql`${sql.raw(sent[index]?.read(quotedName(`v${index}`)) ?? "null")} as ${
        columnOf(field)
      }`
    ),
  );
}

/** Returns rows without columns, as an item of FROM. */
export function emptyRowsSource(rows: number): Sql {
  return sql`(select n as ${POSITION} from generate_series(1, ${
    sql.raw(String(rows))
  }) as n) as staged`;
}
