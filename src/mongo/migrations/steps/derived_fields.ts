import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import { batchedUpdate } from "./mongo_step.ts";

/** The steps that compute missing derived fields, before these are indexed. */
export function derivedFields(
  model: AnyModel,
  indexed: ReadonlySet<string>,
): DraftStep[] {
  return [...model.mongo.derived].filter(([name]) => indexed.has(name)).map(
    ([name, { expression }]) =>
      batchedUpdate(
        model.table,
        { [name]: { $exists: false } },
        [{
          $set: {
            [name]: expression((source) =>
              `$${model.byName.get(source)?.column ?? source}`
            ),
          },
        }],
      ),
  );
}
