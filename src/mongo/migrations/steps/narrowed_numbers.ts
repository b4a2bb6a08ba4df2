import type { DraftStep } from "../../../engine/migrations/mod.ts";
import { ruleOf } from "../../schema/validator_rules.ts";
import type { FieldChange } from "./fields.ts";
import { inParts } from "./part.ts";

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

/**
 * What a way back needs where a field held an int and now may hold a long:
 * those that fit an int become one again. What does not fit stays, and the
 * rules of before name it.
 */
export function narrowed(
  collection: string,
  changes: readonly FieldChange[],
): DraftStep[] {
  return changes.flatMap(({ field, before, rule }) => {
    const { types } = ruleOf(field);
    const takesLongs = types.includes("long") || types.includes("number");
    if (rule?.types.join() !== "int" || !takesLongs) return [];
    return [
      inParts(
        collection,
        { [before]: { $type: "long", $gte: LEAST, $lte: MOST } },
        [{ $set: { [before]: { $toInt: `$${before}` } } }],
        `${before} was an int: what was written as a long since then becomes one again where it fits.`,
      ),
    ];
  });
}
