import type { AnyModel } from "@alerce/db-plugins";
import {
  AstroObject,
  Dataquality,
  Detection,
  Gaia_ztf,
  NonDetection,
  Ps1_ztf,
  Reference,
  Ss_ztf,
} from "@alerce/db-plugins/models";
import { alertRows, readAlerts } from "@alerce/db-plugins/ztf";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Line, type Race, race } from "../harness.ts";
import { decodeWithAvsc, writeContainer } from "./container.ts";

/** Real alerts, which are not part of the project. */
const DATA = "../../../shared/data/";
const LINES = `${DATA}ztf_alerts.ndjson.gz`;
const LIKE = `${DATA}avro/ztf_v3.2_ZTF18acsbuef_697252844115015004.avro`;
/** The number of alerts in a transaction, as in `ingestAlerts`. */
const BATCH = 500;
const LEAST = 0.7;
const ROUNDS = 3;

const MODELS = {
  object: AstroObject,
  detection: Detection,
  non_detection: NonDetection,
  dataquality: Dataquality,
  ps1_ztf: Ps1_ztf,
  ss_ztf: Ss_ztf,
  gaia_ztf: Gaia_ztf,
  reference: Reference,
} as const;

/** A file of alerts and the rows in it. */
export interface Night {
  readonly path: string;
  readonly alerts: number;
  /** The rows of each transaction, by table. */
  readonly batches:
    readonly (readonly (readonly [AnyModel, readonly object[]])[])[];
}

/** Makes a file of alerts for some work; returns no lines if the real alerts are missing. */
export async function withNight(
  work: (night: Night) => Promise<Line[]>,
): Promise<Line[]> {
  const [lines, like] = [LINES, LIKE].map((name) =>
    fileURLToPath(new URL(name, import.meta.url))
  );
  const folder = await Deno.makeTempDir({ prefix: "dbp-bench-" });
  try {
    const path = join(folder, "night.avro");
    const alerts = await writeContainer(path, lines ?? "", like ?? "");
    const each = (await Array.fromAsync(readAlerts(path))).map(alertRows);
    const batches: Night["batches"][number][] = [];
    for (let at = 0; at < each.length; at += BATCH) {
      const some = each.slice(at, at + BATCH);
      batches.push(
        Object.entries(MODELS).map(([table, model]) => [
          model,
          some.flatMap((rows): object[] => Reflect.get(rows, table)),
        ]),
      );
    }
    return await work({ path, alerts, batches });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return [];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the models whose tables the alerts fill. */
export function tablesOf({ batches: [batch] }: Night): readonly AnyModel[] {
  return batch?.map(([model]) => model) ?? [];
}

/** Returns the primary key of a row as a text. */
export function keyOf({ primaryKey }: AnyModel, row: object): string {
  return primaryKey.map((name) => String(Reflect.get(row, name))).join("\t");
}

/** Races an ingest with the slower of decoding the file with avsc and writing its rows with the bare driver. */
export async function nightRace(
  { path, alerts }: Night,
  { writes, write, ...sides }:
    & Pick<Race, "work" | "ours">
    & Required<Pick<Race, "before" | "after">>
    & { readonly writes: string; write(): Promise<void> },
): Promise<Line> {
  const rateOf = async (work: () => Promise<unknown>): Promise<number> => {
    await work();
    const start = performance.now();
    await work();
    return alerts / (performance.now() - start) * 1000;
  };
  const decode = () => decodeWithAvsc(path);
  await sides.before();
  const written = await rateOf(write);
  const decoded = await rateOf(decode);
  if (decoded < written) throw new Error("decoding is slower than writing");
  const line = await race({
    ...sides,
    ours: async () => void await sides.ours(),
    bare: write,
    against: `${writes}; slower than decoding with avsc (${
      Math.round(decoded).toLocaleString("en")
    } alerts/s)`,
    count: alerts,
    unit: "alerts",
    least: LEAST,
    rounds: ROUNDS,
  });
  return line;
}
