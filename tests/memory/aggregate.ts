import type {
  AggregateStatement,
  Groups,
  Measure,
} from "@alerce/db-plugins/engine";
import { compare, type Row } from "./rows.ts";

/** Computes values over groups of rows. */
export function aggregated(
  { groupBy, measures, having, order, limit = Infinity }: AggregateStatement,
  rows: readonly Row[],
): Groups {
  const groups: { key: unknown[]; rows: Row[] }[] = [];
  if (groupBy.length === 0) groups.push({ key: [], rows: [] });
  for (const row of rows) {
    const key = groupBy.map(({ name }) => row[name] ?? null);
    const known = groups.find((group) =>
      group.key.every((value, at) => compareNullsLast(value, key[at], 1) === 0)
    );
    if (known === undefined) groups.push({ key, rows: [row] });
    else known.rows.push(row);
  }
  const counts = {
    eq: (count: number, value: number) => count === value,
    ne: (count: number, value: number) => count !== value,
    gt: (count: number, value: number) => count > value,
    gte: (count: number, value: number) => count >= value,
    lt: (count: number, value: number) => count < value,
    lte: (count: number, value: number) => count <= value,
  };
  return groups
    .filter(({ rows: { length } }) =>
      having.every(({ operator, value }) => counts[operator](length, value))
    )
    .toSorted((left, right) => {
      for (const { by, direction } of order) {
        const sign = direction === "asc" ? 1 : -1;
        const result = by === "count"
          ? sign * (left.rows.length - right.rows.length)
          : compareNullsLast(left.key[by], right.key[by], sign);
        if (result !== 0) return result;
      }
      return 0;
    })
    .slice(0, limit)
    .map((group) => [
      ...group.key,
      ...measures.map((measure) => measured(measure, group.rows)),
    ]);
}

function measured(measure: Measure, rows: readonly Row[]): unknown {
  if (measure.kind === "count") return rows.length;
  const { kind, field } = measure;
  const values = rows.map((row) => row[field.name] ?? null)
    .filter((value) => value !== null);
  switch (kind) {
    case "countDistinct":
      return values.filter((value, at) =>
        values.findIndex((other) => compare(value, other) === 0) === at
      ).length;
    case "min":
    case "max": {
      const sign = kind === "min" ? 1 : -1;
      return values.toSorted((a, b) => sign * compare(a, b))[0] ?? null;
    }
    case "avg":
      return values.length === 0
        ? null
        : Number(summed(field, values)) / values.length;
    case "sum":
      return values.length === 0 ? null : summed(field, values);
  }
}

function summed(
  { type }: AggregateStatement["groupBy"][number],
  values: readonly unknown[],
): bigint | number {
  return ["int16", "int32", "int64"].includes(type.kind)
    ? values.reduce<bigint>((sum, value) => sum + BigInt(String(value)), 0n)
    : values.reduce<number>((sum, value) => sum + Number(value), 0);
}

function compareNullsLast(left: unknown, right: unknown, sign: number): number {
  if (left === null || right === null) {
    return Number(left === null) - Number(right === null);
  }
  return sign * compare(left, right);
}
