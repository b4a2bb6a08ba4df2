import { sql } from "kysely";
import type { Field } from "../../model/field.ts";
import { Bound, columnOf, type Sql } from "../codec/sql_piece.ts";
import { writeArrayText } from "../codec/value_text.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import type { Layer } from "./layers.ts";
import type { Stage } from "./stage.ts";
import { readValue } from "../codec/written_value.ts";

/** Creates a stage of the values of one layer, which each statement sends as one array for each column. */
export function createTextStage(
  columns: readonly Field[],
  facts: TableFacts,
): Stage {
  let layer: Layer | undefined;
  const names = columns.map((_, index) => sql.id(`v${index}`));
  const reads = columns.map((field, index) =>
    sql`${sql.raw(readValue(field, facts.columns, `"v${index}"`))} as ${
      columnOf(field)
    }`
  );

  function arrays(): Sql[] {
    return columns.map((_, index) => {
      const texts = layer?.texts[index] ?? [];
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
    fill(given) {
      layer = given;
      return Promise.resolve();
    },
    clear() {
      layer = undefined;
      return Promise.resolve();
    },
    drop: () => Promise.resolve(),
  };
}
