import type { Transaction } from "../connection/transaction.ts";
import type { AnyModel, RowOf } from "../model/types.ts";
import {
  AstroObject,
  Dataquality,
  Detection,
  Gaia_ztf,
  NonDetection,
  Ps1_ztf,
  Reference,
  Ss_ztf,
} from "../models/mod.ts";
import type { ValidationError } from "../base/errors/mod.ts";
import { rowError } from "../writer/valid_rows.ts";
import type { AlertRows } from "./alert_rows.ts";
import { deriveObjects, deriveSources } from "./derived.ts";

/** The number of new rows of a batch. */
export type WrittenRows = {
  readonly objects: number;
  readonly detections: number;
  readonly non_detections: number;
};

/** The fields of an object that its latest alert sets. The greatest values, compared in this order, mark the latest alert. */
const HISTORY = [
  "mjdendhist",
  "ncovhist",
  "ndethist",
  "mjdstarthist",
] as const satisfies readonly (keyof RowOf<typeof AstroObject>)[];

/** The key of a detection, and the fields that a correction step sets. */
const NOT_FROM_ALERT: ReadonlySet<string> = new Set([
  "candid",
  "oid",
  "magpsf_corr",
  "sigmapsf_corr",
  "sigmapsf_corr_ext",
  "corrected",
  "dubious",
  "step_id_corr",
]);

/** Returns the rows of several alerts, table by table. */
export function joinRows(each: readonly AlertRows[]): AlertRows {
  return {
    object: each.flatMap(({ object }) => object),
    detection: each.flatMap(({ detection }) => detection),
    non_detection: each.flatMap(({ non_detection }) => non_detection),
    dataquality: each.flatMap(({ dataquality }) => dataquality),
    ps1_ztf: each.flatMap(({ ps1_ztf }) => ps1_ztf),
    ss_ztf: each.flatMap(({ ss_ztf }) => ss_ztf),
    gaia_ztf: each.flatMap(({ gaia_ztf }) => gaia_ztf),
    reference: each.flatMap(({ reference }) => reference),
  };
}

const MODELS = {
  object: AstroObject,
  detection: Detection,
  non_detection: NonDetection,
  dataquality: Dataquality,
  ps1_ztf: Ps1_ztf,
  ss_ztf: Ss_ztf,
  gaia_ztf: Gaia_ztf,
  reference: Reference,
} as const satisfies Record<keyof AlertRows, AnyModel>;

/** Returns why a model refuses one of the rows; undefined if none does. */
export function refusedRow(rows: AlertRows): ValidationError | undefined {
  for (const [table, model] of Object.entries(MODELS)) {
    const of = Object.entries(rows).find(([name]) => name === table)?.[1];
    for (const row of of ?? []) {
      const error = rowError(model, "upsert", row, 0);
      if (error !== undefined) return error;
    }
  }
  return undefined;
}

/** Writes the rows of a batch. The rows of the objects are first: they serialise the writers of an object, so that derived values are correct. */
export async function writeRows(
  tx: Transaction,
  rows: AlertRows,
): Promise<WrittenRows> {
  const oids = [...new Set(rows.object.map(({ oid }) => oid))];
  const objects = await tx.query(AstroObject).bulkUpsert(rows.object, {
    update: HISTORY,
    prefer: HISTORY,
  });
  await lockObjects(tx, oids);
  const detections = await tx.query(Detection).bulkUpsert(rows.detection, {
    update: fieldsExcept(Detection, NOT_FROM_ALERT),
    prefer: ["has_stamp", "parent_candid"],
  });
  const nonDetections = await tx.query(NonDetection).bulkUpsert(
    rows.non_detection,
    { prefer: ["diffmaglim"] },
  );
  await tx.query(Dataquality).bulkInsert(rows.dataquality);
  await tx.query(Ps1_ztf).bulkInsert(rows.ps1_ztf);
  await tx.query(Ss_ztf).bulkUpsert(rows.ss_ztf, { prefer: ["candid"] });
  await writeGaia(tx, rows.gaia_ztf);
  await tx.query(Reference).bulkUpsert(rows.reference, { prefer: ["candid"] });
  await deriveObjects(tx, oids);
  await deriveSources(tx, oids);
  return {
    objects: objects.inserted,
    detections: detections.inserted,
    non_detections: nonDetections.inserted,
  };
}

/** Changes the row of every object, which `deriveObjects` overwrites. With snapshot isolation, transactions conflict only if they change the same row. */
async function lockObjects(
  tx: Transaction,
  oids: readonly string[],
): Promise<void> {
  await tx.query(AstroObject).updateAll({
    filterBy: { oid: oids },
    set: { deltajd: -1 },
  });
}

/** Writes one row an object, of its latest alert. `unique1` is whether all alerts have the same source, identified by its magnitude. */
async function writeGaia(
  tx: Transaction,
  rows: AlertRows["gaia_ztf"],
): Promise<void> {
  if (rows.length === 0) return;
  const sources = new Map<string, Set<number | null>>();
  for (const { oid, maggaia = null } of rows) {
    sources.set(oid, (sources.get(oid) ?? new Set()).add(maggaia));
  }
  const others = [...sources].flatMap(([oid, magnitudes]) =>
    [...magnitudes].map((maggaia) => ({ oid, maggaia: { ne: maggaia } }))
  );
  await tx.query(Gaia_ztf).updateAll({
    filterBy: { unique1: true, or: others },
    set: { unique1: false },
  });
  await tx.query(Gaia_ztf).bulkUpsert(
    rows.map((row) => ({ ...row, unique1: sources.get(row.oid)?.size === 1 })),
    {
      update: fieldsExcept(Gaia_ztf, new Set(["oid", "unique1"])),
      prefer: ["candid"],
    },
  );
}

function fieldsExcept<M extends AnyModel>(
  model: M,
  names: ReadonlySet<string>,
): (keyof RowOf<M>)[] {
  return model.fields.map(({ name }) => name).filter((name) =>
    !names.has(name)
  );
}
