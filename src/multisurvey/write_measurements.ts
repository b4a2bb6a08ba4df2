import type { Transaction } from "../connection/transaction.ts";
import type { AnyModel, InsertOf, RowOf } from "../model/types.ts";
import { Detection, ForcedPhotometry } from "../models/multisurvey/mod.ts";
import { commonRow } from "./common_row.ts";
import { type Measurement, outranks, type Rank } from "./measurement.ts";

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

/** The measurements that were written. */
export interface WrittenMeasurements {
  /** How many are new. */
  readonly inserted: number;
  readonly written: readonly Measurement[];
}

/** Writes the measurements that are not stored, and those of which a lesser copy is stored. */
export async function writeMeasurements<Survey extends AnyModel>(
  tx: Transaction,
  { common, survey, surveyRow, kept }: MeasurementTables<Survey>,
  best: ReadonlyMap<string, Measurement>,
  stored: StoredMeasurements,
): Promise<WrittenMeasurements> {
  const fresh: Measurement[] = [];
  const better: Measurement[] = [];
  for (const [text, measurement] of best) {
    if (!outranks(measurement.rank, stored.ranks.get(text))) continue;
    const isNew = !stored.ranks.has(text) && !stored.common.has(text);
    (isNew ? fresh : better).push(measurement);
  }
  const rows = tx.query(common === "detection" ? Detection : ForcedPhotometry);
  const { inserted } = await rows.bulkInsert(fresh.map(commonRow));
  await tx.query(survey).bulkInsert(fresh.map(surveyRow));
  if (better.length === 0) return { inserted, written: fresh };
  const more = await rows.bulkUpsert(better.map(commonRow));
  await tx.query(survey).bulkUpsert(better.map(surveyRow), {
    update: overwritten(survey, kept),
  });
  return {
    inserted: inserted + more.inserted,
    written: [...fresh, ...better],
  };
}

/** Returns the fields of a model that a better copy overwrites. */
function overwritten<M extends AnyModel>(
  model: M,
  kept: readonly (keyof RowOf<M>)[],
): (keyof RowOf<M>)[] {
  return model.fields
    .filter(({ name, default: given }) =>
      given === undefined && !kept.includes(name) &&
      !model.primaryKey.includes(name)
    )
    .map(({ name }) => name);
}
