import type { Field } from "../../model/field.ts";
import type { FindNearStatement } from "../../query/statement/statement.ts";
import { cosineOf, haversineOf } from "../../sky/distance.ts";
import { numberArray, type NumberType } from "../codec/number_array.ts";
import { writeWhere } from "./condition.ts";
import { orderText } from "./order.ts";
import { positionColumns, zoneColumns } from "./position_index.ts";
import { haversineText, withoutTiny } from "./separation.ts";
import { columnListText, type SqlWriter } from "./sql_writer.ts";
import { stripsOf } from "./zones.ts";

/** Arcseconds by which the distance of a row may exceed the radius: greater than all rounding errors. */
const MARGIN = 1e-6;

/** A read of the rows near many targets by an index of zones. */
export interface FindInZonesStatement extends Omit<FindNearStatement, "kind"> {
  /** The kind of statement. */
  readonly kind: "findInZones";
  /** Whether the limit leaves the nearest rows of each strip; otherwise any rows. */
  readonly nearestFirst: boolean;
}

/**
 * Writes a read of rows near each target: those of each strip of zones, up to a
 * limit. The first column is the number of the target, from 1. The rows of all
 * targets are in the order of the statement.
 */
export function writeFindInZones(
  to: SqlWriter,
  statement: FindInZonesStatement,
  table: string,
): void {
  const { model, position, where, order, fields, limit } = statement;
  const columns = columnsOfStrips(statement);
  const arrays = columns.map(({ values, type }) =>
    `cast(${to.placeholder(numberArray(type, values))} as ${type}[])`
  );
  const { zone, ra, dec } = zoneColumns(position, (field) => to.column(field));
  to.outline += `select dbp_strips.dbp_number, ${
    columnListText(model, fields)
  } from unnest(${arrays.join(", ")}) as dbp_strips(${
    columns.map(({ name }) => name).join(", ")
  }) cross join lateral (select ${
    columnListText(model, readFields(statement))
  } from ${table} where ${zone} = dbp_zone and ${ra} between dbp_west and dbp_east and ${dec} between dbp_south and dbp_north`;
  writeWhere(to, where, " and ");
  if (statement.nearestFirst) {
    const given = { ra: "dbp_ra", dec: "dbp_dec", cosine: "dbp_cosine" };
    const row = positionColumns(position, (field) => to.column(field));
    const haversine = haversineText(row, given);
    to.outline += ` and ${haversine} <= dbp_haversine order by ${haversine}${
      orderText(to, order).replace(" order by ", ", ")
    }`;
  }
  to.outline += " limit ";
  to.value(String(limit));
  to.outline += `) as dbp_rows${orderText(to, order)}`;
}

/** Returns the fields to read, and those of the order. */
function readFields(
  { model, fields, order }: FindInZonesStatement,
): readonly Field[] {
  return fields === model.fields
    ? fields
    : [...new Set([...fields, ...order.map(({ field }) => field)])];
}

/** A column of the table of strips. */
interface StripColumn {
  readonly name: string;
  readonly type: NumberType;
  readonly values: readonly number[];
}

function columnsOfStrips(
  { targets, nearestFirst }: FindInZonesStatement,
): readonly StripColumn[] {
  const strips = targets.flatMap((target, index) =>
    stripsOf({ kind: "cone", ...target }).map((strip) => ({
      ...strip,
      number: index + 1,
      target,
    }))
  );
  type Part = (strip: typeof strips[number]) => number;
  const column = (name: string, part: Part): StripColumn => ({
    name: `dbp_${name}`,
    type: "double precision",
    values: strips.map((strip) => withoutTiny(part(strip))),
  });
  return [
    {
      name: "dbp_number",
      type: "integer",
      values: strips.map(({ number }) => number),
    },
    column("zone", ({ zone }) => zone),
    column("west", ({ ra }) => ra[0]),
    column("east", ({ ra }) => ra[1]),
    column("south", ({ dec }) => dec[0]),
    column("north", ({ dec }) => dec[1]),
    ...nearestFirst
      ? [
        column("ra", ({ target }) => target.ra),
        column("dec", ({ target }) => target.dec),
        column("cosine", ({ target }) => cosineOf(target.dec)),
        column(
          "haversine",
          ({ target }) => haversineOf(target.radius + MARGIN),
        ),
      ]
      : [],
  ];
}
