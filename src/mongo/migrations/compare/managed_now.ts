import type { Db } from "mongodb";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { AnyModel } from "../../../model/types.ts";
import {
  type CollectionIndex,
  serves,
  type WantedCollection,
  wantedCollection,
} from "../../schema/collection.ts";
import { liveCollections } from "../../schema/live_collections.ts";
import { columnsOf } from "./validator.ts";

/** Returns the existing objects of the models: `object`, `object.oid`, `object#ix_object_oid`. */
export async function managedNow(
  db: Db,
  models: readonly AnyModel[],
): Promise<readonly string[]> {
  const live = await liveCollections({ db, prefix: "" });
  return models.flatMap((model) => {
    const { table, fields } = model;
    const existing = live.get(table);
    if (existing === undefined) return [];
    const wanted = wantedCollection(model);
    const columns = new Set(columnsOf(existing.validator));
    return [
      table,
      ...fields.filter(({ column }) => columns.has(column))
        .map(({ column }) => managedName.column(table, column)),
      ...existing.indexes.filter((index) => isWanted(index, wanted))
        .map(({ name }) => managedName.rule(table, name)),
    ];
  }).sort();
}

/** Returns the names of all objects that models define, in the spelling of the history. */
export function managedBy(models: readonly AnyModel[]): string[] {
  return models.flatMap((model) => [
    model.table,
    ...model.fields.map(({ column }) =>
      managedName.column(model.table, column)
    ),
    ...wantedCollection(model).indexes.map(({ name }) =>
      managedName.rule(model.table, name)
    ),
  ]);
}

/** Returns whether an index has the name of a wanted index, or serves as one. */
export function isWanted(
  index: CollectionIndex,
  { indexes }: WantedCollection,
): boolean {
  return indexes.some((one) => one.name === index.name || serves(index, one));
}
