import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { CollectionIndex } from "../../schema/collection.ts";
import { step } from "./part.ts";

/** Steps that build indexes on documents that are there: a unique one first takes no new doubles, and then is made unique. */
export function build(
  collection: string,
  specs: readonly Document[],
  converts: boolean,
): DraftStep[] {
  if (specs.length === 0) return [];
  const unique = specs.filter((spec) => spec.unique === true);
  if (unique.length === 0 || !converts) {
    return [step({ createIndexes: collection, indexes: specs })];
  }
  return [
    step({
      createIndexes: collection,
      indexes: specs.map(({ unique, ...spec }) =>
        unique === true ? { ...spec, prepareUnique: true } : spec
      ),
    }, "From its end on, a unique index takes no new doubles."),
    ...unique.map(({ name }) => makeUnique(collection, String(name))),
  ];
}

/** The step that makes an index unique which takes no new doubles. */
export function makeUnique(collection: string, name: string): DraftStep {
  return step(
    { collMod: collection, index: { name, unique: true } },
    "Documents that are alike are named, and nothing is changed then.",
  );
}

/** An index as a command says it. */
export function specOf(
  { name, keys, unique, partial }: CollectionIndex,
): Document {
  return {
    name,
    key: Object.fromEntries(keys),
    ...unique ? { unique } : {},
    ...partial === undefined ? {} : { partialFilterExpression: partial },
  };
}

/** The step that drops indexes; none where there are none. */
export function dropStep(
  collection: string,
  indexes: readonly { readonly name: string }[],
  ...comments: string[]
): DraftStep[] {
  if (indexes.length === 0) return [];
  const names = indexes.map(({ name }) => name);
  return names.map((name) =>
    step({ dropIndexes: collection, index: name }, ...comments)
  );
}
