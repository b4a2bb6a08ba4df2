import type { Field } from "../../model/field.ts";
import { rowsValues } from "../codec/copied_columns.ts";
import { sentColumn } from "../codec/sent_column.ts";
import {
  insertTarget,
  plainText,
  type Sql,
  type SqlText,
} from "../codec/sql_piece.ts";
import { sql } from "../link/kysely.ts";
import type { SentValue } from "../link/link.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { joinedLayer, type Layer } from "./layer.ts";

/** The maximum number of rows of a layer that others share a statement with: a statement of its own writes more rows faster. */
const FEW_ROWS = 20;
/** The maximum number of rows of one statement. */
const MOST_ROWS = 1_000;
/** The maximum number of values of one statement: PostgreSQL takes 65,535. */
const MOST_VALUES = 20_000;

/** Layers that one statement inserts. */
export type LayerGroup = readonly [Layer, ...Layer[]];

/** Whether one INSERT can list rows with different columns: a rule or a view would fill the columns that a row omits in another way. */
export function takesMixedRows({ kind, rules }: TableFacts): boolean {
  return (kind === "r" || kind === "p") && !rules.insert;
}

/**
 * Returns layers in groups, in their order. A group of several layers consists of
 * neighbours with few rows each.
 *
 * @param isMixed whether a layer may share a statement with its neighbours
 */
export function layerGroups(
  layers: readonly Layer[],
  isMixed: (layer: Layer) => boolean,
): readonly LayerGroup[] {
  const groups: [Layer, ...Layer[]][] = [];
  let room = { rows: 0, values: 0 };
  for (const layer of layers) {
    const { rows, shape: { columns } } = layer;
    const values = rows * columns.length;
    const last = groups.at(-1);
    if (rows > FEW_ROWS || !isMixed(layer)) {
      groups.push([layer]);
      room = { rows: 0, values: 0 };
    } else if (
      last !== undefined && rows <= room.rows && values <= room.values
    ) {
      last.push(layer);
      room = { rows: room.rows - rows, values: room.values - values };
    } else {
      groups.push([layer]);
      room = { rows: MOST_ROWS - rows, values: MOST_VALUES - values };
    }
  }
  return groups;
}

/** Returns the layers of a group, with one layer for each shape. */
export function layersOfShapes(group: LayerGroup): readonly Layer[] {
  const byShape = Map.groupBy(group, ({ shape }) => shape);
  return [...byShape.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [joinedLayer([first, ...others])]
  );
}

/** Returns the columns that all rows of a group have. */
export function sharedColumns(group: LayerGroup): readonly Field[] {
  const [{ shape }, ...others] = group;
  return shape.columns.filter((field) =>
    others.every(({ shape: { columns } }) => columns.includes(field))
  );
}

/** Returns the INSERT of the rows of a group, in their order. DEFAULT stands for a column that a row leaves to the server. */
export function mixedInsert(
  table: Sql,
  group: LayerGroup,
  { columns: forms }: TableFacts,
): SqlText {
  const columns = [...new Set(group.flatMap(({ shape }) => shape.columns))];
  const sent = new Map(
    columns.map((field) => [field, sentColumn(field, forms)]),
  );
  const values: SentValue[] = [];
  const rows = group.flatMap(({ shape, bytes, rows }) => {
    const own = shape.columns.flatMap((field) => sent.get(field) ?? []);
    const places = columns.map((field) => shape.columns.indexOf(field));
    return rowsValues(bytes, own, rows).map((row) =>
      `(${
        places.map((place) => {
          const column = own[place];
          if (column === undefined) return "default";
          values.push(row[place] ?? null);
          return column.read(`cast($${values.length} as ${column.sqlType})`);
        }).join(", ")
      })`
    );
  });
  const head = plainText(sql`insert into ${table} ${insertTarget(columns)}`);
  return { text: `${head} values ${rows.join(", ")}`, values };
}
