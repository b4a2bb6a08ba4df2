import type { Document } from "mongodb";
import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { CollectionIndex } from "../../schema/collection.ts";
import { step } from "./mongo_step.ts";

/** Returns the steps that build indexes; a unique index rejects new duplicates first, and becomes unique afterwards. */
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
    }, "When this step ends, the unique indexes reject new duplicates."),
    ...unique.map(({ name }) => makeUnique(collection, String(name))),
  ];
}

/** Returns the step that makes an index unique that already rejects new duplicates. */
export function makeUnique(collection: string, name: string): DraftStep {
  return step(
    { collMod: collection, index: { name, unique: true } },
    "If existing documents have equal keys, this step names them and changes nothing.",
  );
}

/** Returns the specification of an index in a command. */
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

/** Returns the steps that drop indexes. */
export function dropSteps(
  collection: string,
  indexes: readonly { readonly name: string }[],
  ...comments: string[]
): DraftStep[] {
  return indexes.map(({ name }) =>
    step({ dropIndexes: collection, index: name }, ...comments)
  );
}
