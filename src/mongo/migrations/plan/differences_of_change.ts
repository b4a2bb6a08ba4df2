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
  validatorDifferences,
} from "../../schema/differences_of.ts";
import { ruleOf } from "../../schema/validator_rules.ts";
import { liveIndexText } from "../compare/expiring_documents.ts";
import type { CollectionChange } from "./part.ts";

/** Returns the changes of a collection as text; only descriptions change if there are none. */
export function differencesOfChange(
  { name, live, fields, renames, dropped, unset, indexes }: CollectionChange,
): readonly Difference[] {
  const { create, dropFirst, dropLast, convert, show } = indexes;
  const changed = (index: CollectionIndex, from: string, to: string) =>
    indexDifference(
      name,
      index,
      different(`the index ${indexText(index)} of ${name}`, from, to),
    );
  const differences = [
    ...validatorDifferences(live),
    ...[...renames].map(([from, to]) => ({
      ...fieldDifference(name, from, renamed(`the field ${name}.${from}`, to)),
      object: `${from}_to_${to}`,
    })),
    ...(live.validator === undefined ? [] : fields).flatMap((
      { field, rule },
    ) => ruleDifferences(name, field.column, rule, ruleOf(field))),
    ...dropped.map((column) => {
      const text = unset.includes(column)
        ? unknown(`the field ${name}.${column} with its values`)
        : unknown(`the rule for ${name}.${column}; its values are kept`);
      return fieldDifference(name, column, text);
    }),
    ...[...dropFirst, ...dropLast].map((index) => {
      const text = unknown(`the index ${liveIndexText(index)} of ${name}`);
      return indexDifference(name, index, text);
    }),
    ...create.map((index) => missingIndex(name, index)),
    ...convert.map((index) => changed(index, "not unique", "unique")),
    ...show.map((index) => changed(index, "hidden", "visible")),
  ];
  return differences.length > 0 ? differences : [{
    change: `change the descriptions in the validator of ${name}`,
    state: `the descriptions in the validator of ${name} differ`,
    verb: "change",
    table: name,
    object: `${name}_descriptions`,
    weight: 0,
  }];
}
