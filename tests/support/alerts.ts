import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** 78 real alerts, of every schema version from 1.8 to 4.02. */
export const SMALL: string = fileURLToPath(
  new URL("../../examples/data/ztf_alerts_small.ndjson.gz", import.meta.url),
);

/** The folder of the larger sets, beside the checkout. */
const BESIDE = fileURLToPath(new URL("../../../shared/data/", import.meta.url));

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
