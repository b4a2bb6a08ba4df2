import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import { columnArrays } from "../codec/copied_columns.ts";
import { sentColumn, sentText } from "../codec/sent_column.ts";
import type { Sql } from "../codec/sql_piece.ts";
import { writeArrayText } from "../codec/value_text.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { emptyRowsSource, POSITION, rowsSource } from "./rows_source.ts";
import { send } from "./send.ts";
import type { Stage } from "./stage.ts";

/**
 * Creates a stage of the rows of one layer, which each statement sends as one array for each column.
 *
 * @param given the columns that layers contain
 * @param defaults further columns, with the defaults that fill them
 */
export function createValuesStage(
  tx: SqlTransaction,
  given: readonly Field[],
  facts: TableFacts,
  defaults: ReadonlyMap<Field, string> = new Map(),
): Stage {
  const columns = [...given, ...defaults.keys()];
  const sent = given.map((field) => sentColumn(field, facts.columns));
  const filled = [...defaults.keys()].map((field) =>
    sentText(field, facts.columns)
  );
  let source: Sql = emptyRowsSource(0);
  let rows = 0;
  let isAscending = true;
  return {
    get source() {
      return source;
    },
    position: POSITION,
    columns,
    isSmall: true,
    rows: () => rows,
    isAscending: () => isAscending,
    async fill(layer) {
      rows = layer.rows;
      isAscending = layer.range !== undefined;
      const values = await defaultTexts(tx, [...defaults.values()], rows);
      source = columns.length === 0
        ? emptyRowsSource(rows)
        : rowsSource(columns, [...sent, ...filled], [
          ...columnArrays(layer.bytes, sent, rows),
          ...values.map((texts) =>
            writeArrayText({ type: { kind: "string" } }, texts)
          ),
        ]);
    },
    clear: () => Promise.resolve(),
    drop: () => Promise.resolve(),
  };
}

/** Evaluates defaults once for each row, so that all statements use the same values. */
async function defaultTexts(
  tx: SqlTransaction,
  defaults: readonly string[],
  rows: number,
): Promise<(string | null)[][]> {
  const texts: (string | null)[][] = defaults.map(() => []);
  if (defaults.length === 0) return texts;
  const values = defaults.map((value) =>
    sql`cast(${sql.raw(`(${value})`)} as text)`
  );
  await send(
    tx,
    sql`select ${sql.join(values)} from generate_series(1, ${
      sql.raw(String(rows))
    })`,
    (row) => row.forEach((text, index) => texts[index]?.push(text)),
  );
  return texts;
}
