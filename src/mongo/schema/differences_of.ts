import {
  type Difference,
  type DifferenceText,
  different,
  missing,
  unknown,
} from "../../migrations/plan/difference.ts";
import {
  type CollectionIndex,
  indexText,
  serves,
  type WantedCollection,
} from "./collection.ts";
import type { LiveCollection } from "./live_collections.ts";
import { type Rule, rulesIn, ruleText } from "./validator_rules.ts";

/**
 * The differences between a collection and its model. Names of indexes,
 * descriptions, and additional indexes do not matter.
 *
 * @param isChecked whether an additional rule for a column is a difference
 */
export function differencesOf(
  live: LiveCollection,
  wanted: WantedCollection,
  isChecked: (column: string) => boolean = () => true,
): Difference[] {
  const { name } = live;
  const rules = rulesIn(live.validator);
  return [
    ...rules === undefined ? [validatorDifference(name)] : [
      ...validationDifferences(live),
      ...[...wanted.rules].flatMap(([column, rule]) =>
        ruleDifferences(name, column, rules.get(column), rule)
      ),
      ...[...rules].filter(([column]) =>
        column !== "_id" && !wanted.rules.has(column) && isChecked(column)
      ).map(([column, rule]) =>
        fieldDifference(
          name,
          column,
          unknown(`the rule for ${name}.${column} (${ruleText(rule)})`),
        )
      ),
    ],
    ...wanted.indexes.filter((index) =>
      !live.indexes.some((other) => serves(other, index))
    ).map((index) => missingIndex(name, index)),
  ];
}

/** A missing validator. */
export function validatorDifference(collection: string): Difference {
  return {
    ...missing(`the validator of ${collection}`),
    table: collection,
    object: `${collection}_validator`,
    weight: 2,
  };
}

/** A validation that does not reject all invalid documents. */
export function validationDifferences(
  { name, level, action }: LiveCollection,
): Difference[] {
  if (level === "strict" && action === "error") return [];
  return [{
    ...different(
      `the validation of ${name}`,
      `${level} and ${action}`,
      "strict and error",
    ),
    table: name,
    object: name,
    weight: 2,
  }];
}

/** The differences between the existing and the wanted rule for a field. */
export function ruleDifferences(
  collection: string,
  column: string,
  before: Rule | undefined,
  after: Rule,
): Difference[] {
  const name = `${collection}.${column}`;
  const of = (text: DifferenceText): Difference =>
    fieldDifference(collection, column, text);
  const [old, next] = [before && ruleText(before), ruleText(after)];
  if (before === undefined || old === undefined) {
    return [of(missing(`the rule for ${name} (${next})`))];
  }
  return [
    ...old === next ? [] : [of(different(name, old, next))],
    ...before.nullable === after.nullable
      ? []
      : [of(different(name, nullText(before), nullText(after)))],
  ];
}

/** A difference of a field. */
export function fieldDifference(
  collection: string,
  column: string,
  text: DifferenceText,
): Difference {
  const object = `${collection}_${column}`;
  return { ...text, table: collection, object, weight: 2 };
}

/** A missing index. */
export function missingIndex(
  collection: string,
  index: CollectionIndex,
): Difference {
  const what = `the index ${indexText(index)} of ${collection}`;
  return indexDifference(collection, index, missing(what));
}

/** A difference of an index. */
export function indexDifference(
  collection: string,
  { name }: CollectionIndex,
  text: DifferenceText,
): Difference {
  return { ...text, table: collection, object: name, weight: 1 };
}

function nullText({ nullable }: Rule): string {
  return nullable ? "nullable" : "required";
}
