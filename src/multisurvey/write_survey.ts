import type { Transaction } from "../connection/transaction.ts";
import type { AnyModel } from "../model/types.ts";
import { contentsOf, type ContentsSource } from "./contents.ts";
import { bestCopies, type Measurement, type Rank } from "./measurement.ts";
import { objectText } from "./object_key.ts";
import type { NonDetections } from "./non_detections.ts";
import { deriveObjects, lockObjects, objectsOf } from "./objects.ts";
import { overlapped, type Write } from "../alerts/overlapped.ts";
import { storedDetections, storedForced } from "./stored.ts";
import {
  chosenMeasurements,
  type MeasurementTables,
  measurementWrites,
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

/** The rows of a batch. */
export interface SurveyBatch {
  readonly detections: readonly Measurement[];
  readonly forced: readonly Measurement[];
  /** Returns the writes of rows that depend on no other row. */
  others(tx: Transaction): readonly Write<unknown>[];
  /** Reads the stored non-detections of objects, and chooses those to write. */
  nonDetections?(
    tx: Transaction,
    oids: readonly bigint[],
  ): Promise<NonDetections>;
}

/** Returns the function that writes the rows of a batch, and derives its objects. */
export function surveyWriter<
  Detected extends AnyModel,
  Forced extends AnyModel,
>(
  survey: Survey<Detected, Forced>,
  batch: SurveyBatch,
): (tx: Transaction) => Promise<WrittenRows> {
  const best = bestCopies(batch.detections);
  const bestForced = bestCopies(batch.forced);
  const objects = objectsOf(best.values());
  return (tx) => writeSurvey(tx, survey, batch, { best, bestForced, objects });
}

/** The best copies of the measurements of a batch, by their text, and a detection of each object, by the text of the object. */
interface BestCopies {
  readonly best: ReadonlyMap<string, Measurement>;
  readonly bestForced: ReadonlyMap<string, Measurement>;
  readonly objects: ReadonlyMap<string, Measurement>;
}

async function writeSurvey<
  Detected extends AnyModel,
  Forced extends AnyModel,
>(
  tx: Transaction,
  survey: Survey<Detected, Forced>,
  batch: SurveyBatch,
  { best, bestForced, objects }: BestCopies,
): Promise<WrittenRows> {
  const oids = [...objects.values()].map(({ object: { oid } }) => oid);
  await lockObjects(tx, objects);
  const [stored, { ranks, errorsOf }, forcedKeys, forcedRanks, faint] =
    await Promise.all([
      storedDetections(tx, oids, survey.sids),
      survey.storedDetections(tx, oids),
      storedForced(tx, oids, survey.sids),
      survey.forcedRanks(tx, oids),
      batch.nonDetections?.(tx, oids),
    ]);
  const detections = chosenMeasurements(best, { common: stored, ranks });
  const forced = chosenMeasurements(bestForced, {
    common: forcedKeys,
    ranks: forcedRanks,
  });
  const contents = contentsOf({
    ...{ objects, stored, errorsOf },
    nonDetections: faint?.nonDetections ?? new Map(),
    written: [...detections.fresh, ...detections.better],
    storedForced: forcedKeys,
    writtenForced: [...forced.fresh, ...forced.better],
  });
  const counted = {
    detections: measurementWrites(tx, survey.detections, detections),
    forced: measurementWrites(tx, survey.forced, forced),
  };
  // An object has a row since its first detection.
  const known = new Set([...stored.values()].map(objectText));
  const counts = {
    objects: [...objects.keys()].filter((text) => !known.has(text)).length,
    ...{ detections: 0, non_detections: 0, forced: 0 },
  };
  const adding = (
    name: keyof WrittenRows,
    writes: readonly Write<number>[],
  ): Write<unknown>[] =>
    writes.map((write) => async () => {
      counts[name] += await write();
    });
  // The server has most work with the first ones, and the client with the detections of the survey.
  await overlapped(best.size + bestForced.size, [
    ...adding("forced", counted.forced.common),
    ...counted.forced.survey,
    ...adding("detections", counted.detections.common),
    ...counted.detections.survey,
    ...adding("non_detections", faint?.writes ?? []),
    ...batch.others(tx),
    () => deriveObjects(tx, contents.values()),
  ]);
  return counts;
}
