import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import { type FieldChange, ruleOf } from "../../schema/validator_rules.ts";
import { batchedUpdate } from "./mongo_step.ts";

const LOWEST = -(2 ** 31);
const HIGHEST = 2 ** 31 - 1;

/** Returns the steps that compute missing derived fields, before these are indexed. */
export function derivedFields(
  model: AnyModel,
  indexed: ReadonlySet<string>,
): DraftStep[] {
  return [...model.mongo.derived].filter(([name]) => indexed.has(name)).map(
    ([name, { expression }]) => {
      const value = expression((source) =>
        `$${model.byName.get(source)?.column ?? source}`
      );
      return batchedUpdate(model.table, { [name]: { $exists: false } }, [
        { $set: { [name]: value } },
      ]);
    },
  );
}

/** Returns the step that renames a field in the documents that have no field of the new name. */
export function renamedField(
  collection: string,
  from: string,
  to: string,
): DraftStep {
  return batchedUpdate(
    collection,
    { [from]: { $exists: true }, [to]: { $exists: false } },
    [{ $set: { [to]: `$${from}` } }, { $unset: from }],
  );
}

/** Returns the steps of a down migration that turn longs back into ints, for fields that only now accept longs. A value that does not fit stays, and the old rules reject it. */
export function narrowedNumbers(
  collection: string,
  changes: readonly FieldChange[],
): DraftStep[] {
  return changes.flatMap(({ field, before, rule }) => {
    const { types } = ruleOf(field);
    const acceptsLong = types.includes("long") || types.includes("number");
    if (rule?.types.join() !== "int" || !acceptsLong) return [];
    return [
      batchedUpdate(
        collection,
        { [before]: { $type: "long", $gte: LOWEST, $lte: HIGHEST } },
        [{ $set: { [before]: { $toInt: `$${before}` } } }],
        `${before} was an int before: values that were written as long become int again if they fit.`,
      ),
    ];
  });
}
