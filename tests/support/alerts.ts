import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ROUNDS } from "./rounds.ts";

/** 78 real alerts, of every schema version from 1.8 to 4.02. */
export const SMALL: string = fileURLToPath(
  new URL("../../examples/data/ztf_alerts_small.ndjson.gz", import.meta.url),
);

/** The folder of the larger sets, beside the checkout. */
const BESIDE = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

/** The larger set: 2,037 real alerts of 1,738 objects. */
export const LARGE = "ztf_alerts.ndjson.gz";

/** The order in which each of several concurrent processes ingests the alerts: two processes, and four at night. */
export const ORDERS: readonly string[] = [
  ...["forwards", "backwards"],
  ...ROUNDS > 1 ? ["backwards", "forwards"] : [],
];

/** Alerts in a file, and the numbers of rows that they make. */
export interface Alerts {
  readonly path: string;
  readonly rows: {
    readonly alerts: number;
    readonly objects: number;
    readonly detections: number;
    readonly non_detections: number;
  };
}

/** The rows of the larger set, counted in the file itself. */
const LARGE_ROWS: Alerts["rows"] = {
  alerts: 2_037,
  objects: 1_738,
  detections: 12_198,
  non_detections: 23_871,
};

/**
 * A test with alerts whose order matters: those of the larger set whose object
 * has others, at night the whole set. Ignored if the set is missing.
 */
export function testOnOrders(
  name: string,
  run: (alerts: Alerts) => Promise<void>,
): void {
  testOn(LARGE, name, async (path) => {
    if (ROUNDS > 1) return await run({ path, rows: LARGE_ROWS });
    const { readable } = await Deno.open(path);
    const text = await new Response(
      readable.pipeThrough(new DecompressionStream("gzip")),
    ).text();
    const objects = Map.groupBy(
      text.trim().split("\n"),
      (line) => JSON.parse(line).objectId,
    );
    const several = [...objects.values()].filter(({ length }) => length > 1);
    const file = await Deno.makeTempFile({ suffix: ".ndjson" });
    try {
      await Deno.writeTextFile(file, several.flat().join("\n"));
      await run({
        path: file,
        rows: {
          alerts: 394,
          objects: 95,
          detections: 2_087,
          non_detections: 1_362,
        },
      });
    } finally {
      await Deno.remove(file);
    }
  });
}

/** A test with one of the larger sets. Ignored if the set is missing. */
export function testOn(
  file: string,
  name: string,
  run: (path: string) => Promise<void>,
): void {
  const path = `${BESIDE}${file}`;
  const ignore = !existsSync(path);
  Deno.test({
    name: ignore ? `${name} (needs ${file} beside the checkout)` : name,
    ignore,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => run(path),
  });
}
