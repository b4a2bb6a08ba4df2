// A light curve as a table, and as a plot for a terminal.
import type { LightCurve } from "@alerce/db-plugins/ztf";
import plot from "simple-ascii-chart";

const FILTERS: Readonly<Record<number, string>> = { 1: "g", 2: "r", 3: "i" };

/** Formats the last detections as a table, one a line. */
export function table({ detections }: LightCurve, rows: number): string[] {
  const head = ["mjd", "filter", "magpsf", "sigmapsf", "candid"];
  const body = detections.slice(-rows).map((row) => [
    row.mjd.toFixed(5),
    FILTERS[row.fid] ?? String(row.fid),
    row.magpsf.toFixed(3),
    row.sigmapsf.toFixed(3),
    String(row.candid),
  ]);
  const widths = head.map((name, column) =>
    Math.max(name.length, ...body.map((cells) => cells[column]?.length ?? 0))
  );
  return [head, ...body].map((cells) =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")
  );
}

/** Plots magnitude against date, with one series a filter and bright magnitudes at the top. */
export function chart({ detections }: LightCurve): string {
  const begin = Math.floor(detections[0]?.mjd ?? 0);
  const filters = [...Map.groupBy(detections, ({ fid }) => fid)].sort(
    ([left], [right]) => left - right,
  );
  return plot(
    filters.map(([, rows]) =>
      rows.map(({ mjd, magpsf }): [number, number] => [mjd - begin, -magpsf])
    ),
    {
      mode: "point",
      width: 64,
      height: 12,
      title: `magpsf against days since mjd ${begin}`,
      legend: {
        position: "bottom",
        series: filters.map(([fid]) => FILTERS[fid] ?? String(fid)),
      },
      color: ["ansiGreen", "ansiRed", "ansiYellow"],
      formatter: (value, { axis }) =>
        axis === "y" ? (-value).toFixed(2) : value.toFixed(0),
    },
  );
}
