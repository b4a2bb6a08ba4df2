import { sql } from "../link/kysely.ts";
import type { Field } from "../../model/field.ts";
import { Bound, columnOf, type Sql } from "../codec/sql_piece.ts";
import { writeArrayText } from "../codec/value_text.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { send } from "./send.ts";
import type { Layer } from "./layers.ts";
import type { Stage } from "./stage.ts";
import { readValue } from "../codec/written_value.ts";

/**
 * Creates a stage of the values of one layer, which each statement sends as one array for each column.
 *
 * @param given the columns that layers contain
 * @param defaults further columns, with the defaults that fill them
 */
export function createTextStage(
  tx: SqlTransaction,
  given: readonly Field[],
  facts: TableFacts,
  defaults: ReadonlyMap<Field, string> = new Map(),
): Stage {
  const columns = [...given, ...defaults.keys()];
  let layer: Layer | undefined;
  let filled: (string | null)[][] = [];
  const names = columns.map((_, index) => sql.id(`v${index}`));
  const reads = columns.map((field, index) =>
    sql`${sql.raw(readValue(field, facts.columns, `"v${index}"`))} as ${
      columnOf(field)
    }`
  );

  function arrays(): Sql[] {
    return columns.map((_, index) => {
      const texts = layer?.texts[index] ?? filled[index - given.length] ?? [];
      const text = writeArrayText({ type: { kind: "string" } }, texts);
      return sql`cast(${sql.val(new Bound(text))} as text[])`;
    });
  }

  /** Rows without columns are still rows. */
  function rows(): Sql {
    return columns.length === 0
      ? sql`(select n as dbp_position from generate_series(1, ${
        sql.raw(String(layer?.rows ?? 0))
      }) as n) as staged`
      : sql`(select ${sql.join(reads)}, dbp_position from unnest(${
        sql.join(arrays())
      }) with ordinality as v(${sql.join(names)}, dbp_position)) as staged`;
  }

  return {
    get source() {
      return rows();
    },
    position: sql.ref("dbp_position"),
    columns,
    isSmall: true,
    rows: () => layer?.rows ?? 0,
    async fill(next) {
      layer = next;
      filled = await defaultTexts(tx, [...defaults.values()], next.rows);
    },
    clear() {
      layer = undefined;
      return Promise.resolve();
    },
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
