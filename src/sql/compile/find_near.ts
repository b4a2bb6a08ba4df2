import type { FindNearStatement } from "../../query/statement/statement.ts";
import { cosineOf, haversineOf } from "../../sky/distance.ts";
import { writeWhere } from "./condition.ts";
import { orderClause, sortText } from "./order.ts";
import { boxHalf, indexedTargets, positionColumns } from "./position_index.ts";
import { haversineText, withoutTiny } from "./separation.ts";
import { columnListText, type SqlWriter } from "./sql_writer.ts";

/** Arcseconds by which the distance of a row may exceed the radius: greater than all rounding errors. */
const MARGIN = 1e-6;

/** The numbers of each target. */
const TARGET = {
  ra: "dbp_targets.dbp_ra",
  dec: "dbp_targets.dbp_dec",
  cosine: "dbp_targets.dbp_cosine",
  radius: "dbp_targets.dbp_radius",
  haversine: "dbp_targets.dbp_haversine",
  half: "dbp_targets.dbp_half",
} as const;

/**
 * Writes a read of the nearest rows of each target, one target after the other
 * (LATERAL) by the index of an extension. The first column is the number of the target,
 * from 1.
 */
export function writeFindNear(
  to: SqlWriter,
  { model, position, targets, where, order, fields, limit }: FindNearStatement,
  table: string,
): void {
  const index = to.positionIndex;
  if (index === undefined || index.using === "zones") {
    throw new TypeError(`The table ${table} has no index of an extension`);
  }
  const numbers = (values: readonly number[]): string =>
    `cast(${
      to.placeholder(`{${values.map(withoutTiny).join()}}`)
    } as double precision[])`;
  const arrays = [
    numbers(targets.map(({ ra }) => ra)),
    numbers(targets.map(({ dec }) => dec)),
    numbers(targets.map(({ dec }) => cosineOf(dec))),
    numbers(targets.map(({ radius }) => radius + MARGIN)),
    numbers(targets.map(({ radius }) => haversineOf(radius + MARGIN))),
    numbers(targets.map(({ radius }) => boxHalf(radius / 3600))),
  ];
  const names = Object.values(TARGET).map((name) => name.split(".")[1]);
  const row = positionColumns(position, (field) => to.column(field));
  const haversine = haversineText(row, TARGET);
  to.outline +=
    `select cast(dbp_targets.dbp_number as integer), dbp_rows.* from unnest(${
      arrays.join(", ")
    }) with ordinality as dbp_targets(${
      names.join(", ")
    }, dbp_number) cross join lateral (select ${
      columnListText(model, fields)
    } from ${table} where ${
      indexedTargets(index, row, TARGET)
    } and case when ${row.ra} between 0 and 360 and ${row.dec} between -90 and 90 then ${haversine} <= ${TARGET.haversine} end`;
  writeWhere(to, where, " and ");
  to.outline += `${
    orderClause([haversine, ...order.map((sort) => sortText(to, sort))])
  } limit `;
  to.value(String(limit));
  to.outline += ") as dbp_rows";
}
