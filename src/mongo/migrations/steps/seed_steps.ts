import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import { fieldsNamed } from "../../../model/keys.ts";
import type { AnyModel } from "../../../model/types.ts";
import { newRowEncoder } from "../../codec/row_encoder.ts";
import { step } from "./mongo_step.ts";

/** The most rows in one command of a file. */
const ROWS = 500;

/** Returns the steps that insert the missing rows of a lookup table. They never change existing rows, so they can run again. */
export function seedSteps(model: AnyModel): readonly DraftStep[] {
  const encode = newRowEncoder(model, true);
  const key = fieldsNamed(model, model.primaryKey);
  const updates = model.seed.map((row, index) => {
    const document = encode(row, index);
    const q: Document = key.length === 0
      ? document
      : Object.fromEntries(key.map(({ column }) => [column, document[column]]));
    return { q, u: { $setOnInsert: document }, upsert: true };
  });
  return Array.from(
    { length: Math.ceil(updates.length / ROWS) },
    (_, part) =>
      step({
        update: model.table,
        updates: updates.slice(part * ROWS, (part + 1) * ROWS),
      }),
  );
}
