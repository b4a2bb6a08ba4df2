import type { Transaction } from "../connection/transaction.ts";
import type { AnyModel } from "../model/types.ts";
import { contentsOf, type ContentsSource } from "./contents.ts";
import { bestCopies, type Measurement, type Rank } from "./measurement.ts";
import { objectText } from "./object_key.ts";
import { deriveObjects, lockObjects, objectsOf } from "./objects.ts";
import { storedDetections, storedForced } from "./stored.ts";
import {
  type MeasurementTables,
  writeMeasurements,
} from "./write_measurements.ts";
import type { WrittenRows } from "./written_rows.ts";

/** What a survey has of its own. */
export interface Survey<
  Detected extends AnyModel = AnyModel,
  Forced extends AnyModel = AnyModel,
> {
  readonly sids: readonly number[];
  readonly detections: MeasurementTables<Detected>;
  readonly forced: MeasurementTables<Forced>;
  /** Returns the ranks of the stored detections of objects, and what returns the uncertainties of their positions. */
  storedDetections(
    tx: Transaction,
    oids: readonly bigint[],
  ): Promise<
    Pick<ContentsSource, "errorsOf"> & {
      readonly ranks: ReadonlyMap<string, Rank>;
    }
  >;
  /** Returns the ranks of the stored forced photometry of objects. */
  forcedRanks(
    tx: Transaction,
    oids: readonly bigint[],
  ): Promise<ReadonlyMap<string, Rank>>;
}

/** The measurements of a batch. */
export interface BatchMeasurements {
  readonly detections: readonly Measurement[];
  readonly forced: readonly Measurement[];
  /** Writes the non-detections, and returns how many are new and how many each object then has. */
  writeNonDetections?(
    tx: Transaction,
    oids: readonly bigint[],
  ): Promise<
    Pick<ContentsSource, "nonDetections"> & { readonly inserted: number }
  >;
}

/** Writes the measurements of a batch, and derives their objects. */
export async function writeSurvey<
  Detected extends AnyModel,
  Forced extends AnyModel,
>(
  tx: Transaction,
  survey: Survey<Detected, Forced>,
  batch: BatchMeasurements,
): Promise<WrittenRows> {
  const best = bestCopies(batch.detections);
  const objects = objectsOf(best.values());
  const oids = [...objects.values()].map(({ object: { oid } }) => oid);
  await lockObjects(tx, objects);
  const stored = await storedDetections(tx, oids, survey.sids);
  const { ranks, errorsOf } = await survey.storedDetections(tx, oids);
  const detections = await writeMeasurements(tx, survey.detections, best, {
    common: stored,
    ranks,
  });
  const forcedKeys = await storedForced(tx, oids, survey.sids);
  const forced = await writeMeasurements(
    tx,
    survey.forced,
    bestCopies(batch.forced),
    { common: forcedKeys, ranks: await survey.forcedRanks(tx, oids) },
  );
  const { inserted = 0, nonDetections = new Map() } =
    await batch.writeNonDetections?.(tx, oids) ?? {};
  const contents = contentsOf({
    ...{ objects, stored, errorsOf, nonDetections },
    written: detections.written,
    storedForced: forcedKeys,
    writtenForced: forced.written,
  });
  await deriveObjects(tx, contents.values());
  // An object has a row since its first detection.
  const known = new Set([...stored.values()].map(objectText));
  return {
    objects: [...objects.keys()].filter((text) => !known.has(text)).length,
    detections: detections.inserted,
    non_detections: inserted,
    forced: forced.inserted,
  };
}
