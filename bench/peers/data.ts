import { type AstroObject, Detection } from "@alerce/db-plugins/models";
import type { InsertOf } from "@alerce/db-plugins";
import { alertRows, readAlerts } from "@alerce/db-plugins/ztf";
import { fileURLToPath } from "node:url";
import type { Column } from "./peer.ts";

/** Rows of both tables. */
export interface Data {
  readonly objects: InsertOf<typeof AstroObject>[];
  readonly detections: InsertOf<typeof Detection>[];
}

/** The columns of `detection`. */
export const COLUMNS: readonly Column[] = Detection.fields.map((
  { name, type: { kind } },
) => ({ name, kind }));

/** No year is 99: these objects are not real. */
const PREFIX = "ZTF99";
/** Real candids reach this number only after 2042. */
const FIRST = 9_000_000_000_000_000_000n;

/**
 * Expands the real alerts of `examples/data` to a number of detections. Whole
 * objects are repeated with new identifiers and the measured values. The order
 * of the detections is shuffled, and the same in every run.
 */
export async function expandedAlerts(count: number): Promise<Data> {
  const real = await realObjects();
  const data: Data = { objects: [], detections: [] };
  while (data.detections.length < count) {
    const { object, detections } = real[data.objects.length % real.length] ??
      (() => {
        throw new Error("Cannot find detections in examples/data");
      })();
    const oid = PREFIX + letters(data.objects.length);
    const first = FIRST + BigInt(data.detections.length);
    const renamed = new Map(
      detections.map(({ candid }, index) => [candid, first + BigInt(index)]),
    );
    data.objects.push({ ...object, oid });
    for (const row of detections.slice(0, count - data.detections.length)) {
      data.detections.push({
        ...row,
        oid,
        candid: renamed.get(row.candid) ?? first,
        parent_candid: renamed.get(row.parent_candid ?? 0n) ?? null,
      });
    }
  }
  shuffle(data.detections);
  return data;
}

/** Writes the detections, one JSON object a line, and returns the path. */
export async function writeDetections(
  { detections }: Data,
  folder: string,
): Promise<string> {
  const path = `${folder}/detections.ndjson`;
  const names = COLUMNS.map(({ name }) => name);
  const lines = detections.map((row) =>
    JSON.stringify(
      Object.fromEntries(
        names.map((name) => [name, Reflect.get(row, name) ?? null]),
      ),
      (_name, value) => typeof value === "bigint" ? String(value) : value,
    )
  );
  await Deno.writeTextFile(path, `${lines.join("\n")}\n`);
  return path;
}

interface RealObject {
  readonly object: InsertOf<typeof AstroObject>;
  readonly detections: readonly InsertOf<typeof Detection>[];
}

async function realObjects(): Promise<RealObject[]> {
  const path = fileURLToPath(
    import.meta.resolve("../../examples/data/ztf_alerts_small.ndjson.gz"),
  );
  const objects = new Map<string, RealObject["object"]>();
  const detections = new Map<string, InsertOf<typeof Detection>>();
  for await (const alert of readAlerts(path)) {
    const rows = alertRows(alert);
    for (const row of rows.object) objects.set(row.oid, row);
    for (const row of rows.detection) detections.set(`${row.candid}`, row);
  }
  const ofObject = Map.groupBy(detections.values(), ({ oid }) => oid);
  return Array.from(objects.values(), (object) => ({
    object,
    detections: ofObject.get(object.oid) ?? [],
  })).filter(({ detections }) => detections.length > 0);
}

function letters(number: number): string {
  return Array.from(
    { length: 7 },
    (_, index) =>
      "abcdefghijklmnopqrstuvwxyz"[
        Math.floor(number / 26 ** (6 - index)) % 26
      ],
  ).join("");
}

/** Shuffles with a linear congruential generator (Numerical Recipes). */
function shuffle(rows: unknown[]): void {
  let state = 42;
  for (let last = rows.length - 1; last > 0; last--) {
    state = (1664525 * state + 1013904223) % 4294967296;
    const other = Math.floor(state / 4294967296 * (last + 1));
    [rows[last], rows[other]] = [rows[other], rows[last]];
  }
}
