import {
  type Difference,
  different,
  renamed,
  unknown,
} from "../../../migrations/plan/difference.ts";
import { type CollectionIndex, indexText } from "../../schema/collection.ts";
import {
  fieldDifference,
  indexDifference,
  missingIndex,
  ruleDifferences,
  validationDifferences,
  validatorDifference,
} from "../../schema/differences_of.ts";
import { ruleOf } from "../../schema/validator_rules.ts";
import { liveIndexText } from "../compare/expiring_documents.ts";
import type { CollectionChange } from "./collection_change.ts";

/** The changes of a collection as text. */
export function differencesOfChange(
  { name, live, fields, renames, dropped, unset, indexes }: CollectionChange,
): Difference[] {
  const { create, dropFirst, dropLast, convert, show } = indexes;
  const property = (index: CollectionIndex, from: string, to: string) =>
    indexDifference(
      name,
      index,
      different(`the index ${indexText(index)} of ${name}`, from, to),
    );
  return [
    ...live.validator === undefined ? [validatorDifference(name)] : [],
    ...[...renames].map(([from, to]) => ({
      ...fieldDifference(name, from, renamed(`the field ${name}.${from}`, to)),
      object: `${from}_to_${to}`,
    })),
    ...live.validator === undefined
      ? []
      : fields.flatMap(({ field, rule }) =>
        ruleDifferences(name, field.column, rule, ruleOf(field))
      ),
    ...dropped.map((column) => {
      const text = unset.includes(column)
        ? unknown(`the field ${name}.${column} with its values`)
        : unknown(`the rule for ${name}.${column}; its values are kept`);
      return fieldDifference(name, column, text);
    }),
    ...validationDifferences(live).map((difference) => ({
      ...difference,
      table: name,
      object: name,
    })),
    ...[...dropFirst, ...dropLast].map((index) =>
      indexDifference(
        name,
        index,
        unknown(`the index ${liveIndexText(index)} of ${name}`),
      )
    ),
    ...create.map((index) => missingIndex(name, index)),
    ...convert.map((index) => property(index, "not unique", "unique")),
    ...show.map((index) => property(index, "hidden", "visible")),
  ];
}

/** A difference that only concerns descriptions in the validator. */
export function descriptionDifference(collection: string): Difference {
  return {
    change: `change the descriptions in the validator of ${collection}`,
    state: `the descriptions in the validator of ${collection} differ`,
    verb: "change",
    table: collection,
    object: collection,
    weight: 0,
  };
}
