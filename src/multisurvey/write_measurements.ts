import type { Transaction } from "../connection/transaction.ts";
import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import { Detection, ForcedPhotometry } from "../models/multisurvey/mod.ts";
import { commonRow } from "./common_row.ts";
import { type Measurement, outranks, type Rank } from "./measurement.ts";
import type { Write } from "../alerts/overlapped.ts";

/** How a kind of measurement of a survey is stored. */
export interface MeasurementTables<Survey extends AnyModel> {
  /** The table of what all surveys measure. */
  readonly common: "detection" | "forced_photometry";
  /** The table of the rest. */
  readonly survey: Survey;
  /** Returns the row of the survey's table. */
  readonly surveyRow: (measurement: Measurement) => InsertOf<Survey>;
  /** The fields of the survey's table that alerts do not know: existing rows keep them. */
  readonly kept: readonly (keyof RowOf<Survey>)[];
}

/** The stored measurements of some objects, by their text. */
export interface StoredMeasurements {
  /** Those of the common table. */
  readonly common: { has(text: string): boolean };
  /** The ranks of those of the survey's table. */
  readonly ranks: ReadonlyMap<string, Rank>;
}

/** The measurements of a batch that are to be written. */
export interface ChosenMeasurements {
  /** Those that are not stored. */
  readonly fresh: readonly Measurement[];
  /** Those of which a lesser copy is stored, or a part. */
  readonly better: readonly Measurement[];
}

/** Chooses the measurements that are not stored, and those of which a lesser copy is stored. */
export function chosenMeasurements(
  best: ReadonlyMap<string, Measurement>,
  stored: StoredMeasurements,
): ChosenMeasurements {
  const fresh: Measurement[] = [];
  const better: Measurement[] = [];
  for (const [text, measurement] of best) {
    if (!outranks(measurement.rank, stored.ranks.get(text))) continue;
    const isNew = !stored.ranks.has(text) && !stored.common.has(text);
    (isNew ? fresh : better).push(measurement);
  }
  return { fresh, better };
}

/** Writes of measurements to their two tables. */
export interface MeasurementWrites {
  /** Those to the common table, which return the number of new measurements. */
  readonly common: readonly Write<number>[];
  readonly survey: readonly Write<unknown>[];
}

/** Returns the writes of measurements. Their rows are made while they are sent. */
export function measurementWrites<Survey extends AnyModel>(
  tx: Transaction,
  { common, survey, surveyRow, kept }: MeasurementTables<Survey>,
  { fresh, better }: ChosenMeasurements,
): MeasurementWrites {
  const rows = tx.query(common === "detection" ? Detection : ForcedPhotometry);
  const others = tx.query(survey);
  const inserts: MeasurementWrites = {
    common: [
      async () => (await rows.bulkInsert(eachOf(fresh, commonRow))).inserted,
    ],
    survey: [() => others.bulkInsert(eachOf(fresh, surveyRow))],
  };
  if (better.length === 0) return inserts;
  const update = overwritten(survey, kept);
  return {
    common: [
      ...inserts.common,
      async () => (await rows.bulkUpsert(eachOf(better, commonRow))).inserted,
    ],
    survey: [
      ...inserts.survey,
      () => others.bulkUpsert(eachOf(better, surveyRow), { update }),
    ],
  };
}

/** Makes rows one by one, each time that they are iterated. */
function eachOf<Row>(
  measurements: readonly Measurement[],
  rowOf: (measurement: Measurement) => Row,
): Iterable<Row> {
  return {
    *[Symbol.iterator]() {
      for (const measurement of measurements) yield rowOf(measurement);
    },
  };
}

/** Returns the fields of a model that a better copy overwrites. */
function overwritten<M extends AnyModel>(
  model: M,
  kept: readonly (keyof RowOf<M>)[],
): (keyof RowOf<M>)[] {
  return model.fields
    .filter(({ name }) =>
      !kept.includes(name) && !model.primaryKey.includes(name)
    )
    .map(({ name }) => name);
}
