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
 * Returns the differences between a collection and its model. Names of indexes,
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
    ...validatorDifferences({ ...live, validator: rules && live.validator }),
    ...rules === undefined ? [] : [
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

/** Describes a missing validator, or a validation that accepts invalid documents. */
export function validatorDifferences(
  { name, validator, level, action }: LiveCollection,
): Difference[] {
  const about = {
    table: name,
    object: `${name}_validator`,
    weight: 2,
  } as const;
  if (validator === undefined) {
    return [{ ...missing(`the validator of ${name}`), ...about }];
  }
  const found = `${level} and ${action}`;
  const wanted = "strict and error";
  return found === wanted
    ? []
    : [{ ...different(`the validation of ${name}`, found, wanted), ...about }];
}

/** Returns the differences between the existing and the wanted rule for a field. */
export function ruleDifferences(
  collection: string,
  column: string,
  before: Rule | undefined,
  after: Rule,
): Difference[] {
  const name = `${collection}.${column}`;
  if (before === undefined) {
    const rule = missing(`the rule for ${name} (${ruleText(after)})`);
    return [fieldDifference(collection, column, rule)];
  }
  return [ruleText, nullText].flatMap((text) =>
    text(before) === text(after) ? [] : [
      fieldDifference(
        collection,
        column,
        different(name, text(before), text(after)),
      ),
    ]
  );
}

/** Describes a difference of a field. */
export function fieldDifference(
  collection: string,
  column: string,
  text: DifferenceText,
): Difference {
  const object = `${collection}_${column}`;
  return { ...text, table: collection, object, weight: 2 };
}

/** Describes a missing index. */
export function missingIndex(
  collection: string,
  index: CollectionIndex,
): Difference {
  const text = missing(`the index ${indexText(index)} of ${collection}`);
  return indexDifference(collection, index, text);
}

/** Describes a difference of an index. */
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
