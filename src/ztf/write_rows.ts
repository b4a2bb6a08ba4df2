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
import { overlapped } from "../alerts/overlapped.ts";
import { bestRows } from "./best_rows.ts";
import { deriveObjects, deriveSources } from "./derived.ts";
import { HISTORY, objectWriter, type WrittenObjects } from "./write_objects.ts";

/** The number of new rows of a batch. */
export type WrittenRows = {
  readonly objects: number;
  readonly detections: number;
  readonly non_detections: number;
};

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

/** The greatest values of these fields, compared in their order, mark the row of a key that is kept. */
const PREFER = {
  object: HISTORY,
  detection: ["has_stamp", "parent_candid"],
  non_detection: ["diffmaglim"],
  ss_ztf: ["candid"],
  gaia_ztf: ["candid"],
  reference: ["candid"],
} as const;

/** Returns the rows of several alerts, table by table: for each key the one that is kept, and all rows of `gaia_ztf`. */
export function joinRows(each: readonly AlertRows[]): AlertRows {
  return {
    object: bestRows(
      AstroObject,
      each.flatMap(({ object }) => object),
      PREFER.object,
    ),
    detection: bestRows(
      Detection,
      each.flatMap(({ detection }) => detection),
      PREFER.detection,
    ),
    non_detection: bestRows(
      NonDetection,
      each.flatMap(({ non_detection }) => non_detection),
      PREFER.non_detection,
    ),
    dataquality: each.flatMap(({ dataquality }) => dataquality),
    ps1_ztf: each.flatMap(({ ps1_ztf }) => ps1_ztf),
    ss_ztf: bestRows(
      Ss_ztf,
      each.flatMap(({ ss_ztf }) => ss_ztf),
      PREFER.ss_ztf,
    ),
    gaia_ztf: each.flatMap(({ gaia_ztf }) => gaia_ztf),
    reference: bestRows(
      Reference,
      each.flatMap(({ reference }) => reference),
      PREFER.reference,
    ),
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

/** Returns the function that writes the rows of several alerts. */
export function writerOf(
  each: readonly AlertRows[],
): (tx: Transaction) => Promise<WrittenRows> {
  const rows = joinRows(each);
  const writeObjects = objectWriter(rows);
  return (tx) => writeRows(tx, rows, writeObjects);
}

/** Writes the rows of a batch. The rows of the objects are first: they serialise the writers of an object, so that derived values are correct. */
async function writeRows(
  tx: Transaction,
  rows: AlertRows,
  writeObjects: (tx: Transaction) => Promise<WrittenObjects>,
): Promise<WrittenRows> {
  const objects = await writeObjects(tx);
  let underived: Promise<readonly string[]> = Promise.resolve([]);
  const [, detections = 0, non_detections = 0] = await overlapped<number>(
    countRows(rows),
    [
      async () => (await (underived = objects.underived())).length,
      async () => {
        const { inserted } = await tx.query(Detection).bulkUpsert(
          rows.detection,
          {
            update: fieldsExcept(Detection, NOT_FROM_ALERT),
            prefer: PREFER.detection,
          },
        );
        await overlapped<unknown>(rows.dataquality.length, [
          // Its rows refer to those of `detection`.
          () => tx.query(Dataquality).bulkInsert(rows.dataquality),
          async () => deriveObjects(tx, await underived),
        ]);
        return inserted;
      },
      async () =>
        (await tx.query(NonDetection).bulkUpsert(rows.non_detection, {
          prefer: PREFER.non_detection,
        })).inserted,
      async () => {
        const { inserted } = await tx.query(Ps1_ztf).bulkInsert(rows.ps1_ztf);
        await deriveSources(tx, rows.object.map(({ oid }) => oid));
        return inserted;
      },
      async () =>
        (await tx.query(Ss_ztf).bulkUpsert(rows.ss_ztf, {
          prefer: PREFER.ss_ztf,
        })).inserted,
      () => writeGaia(tx, rows.gaia_ztf),
      async () =>
        (await tx.query(Reference).bulkUpsert(rows.reference, {
          prefer: PREFER.reference,
        })).inserted,
    ],
  );
  return { objects: objects.inserted, detections, non_detections };
}

/** Writes one row an object, of its latest alert. `unique1` is whether all alerts have the same source, identified by its magnitude. */
async function writeGaia(
  tx: Transaction,
  rows: AlertRows["gaia_ztf"],
): Promise<number> {
  if (rows.length === 0) return 0;
  const sources = new Map<string, Set<number | null>>();
  for (const { oid, maggaia = null } of rows) {
    sources.set(oid, (sources.get(oid) ?? new Set()).add(maggaia));
  }
  const isUnique = (oid: string, maggaia: number | null): boolean => {
    const magnitudes = sources.get(oid);
    return magnitudes?.size === 1 && magnitudes.has(maggaia);
  };
  const stored = await tx.query(Gaia_ztf).findAll({
    filterBy: { oid: [...sources.keys()], unique1: true },
    select: ["oid", "maggaia"],
  });
  const changed = stored.filter(({ oid, maggaia }) => !isUnique(oid, maggaia));
  if (changed.length > 0) {
    await tx.query(Gaia_ztf).bulkUpdate(
      changed.map(({ oid }) => ({ oid, unique1: false })),
    );
  }
  const latest = bestRows(Gaia_ztf, rows, PREFER.gaia_ztf);
  const { inserted } = await tx.query(Gaia_ztf).bulkUpsert(
    latest.map((row) => ({
      ...row,
      unique1: sources.get(row.oid)?.size === 1,
    })),
    {
      update: fieldsExcept(Gaia_ztf, new Set(["oid", "unique1"])),
      prefer: PREFER.gaia_ztf,
    },
  );
  return inserted;
}

function countRows(rows: AlertRows): number {
  return Object.values(rows).reduce((sum, { length }) => sum + length, 0);
}

function fieldsExcept<M extends AnyModel>(
  model: M,
  names: ReadonlySet<string>,
): (keyof RowOf<M>)[] {
  return model.fields.map(({ name }) => name).filter((name) =>
    !names.has(name)
  );
}
