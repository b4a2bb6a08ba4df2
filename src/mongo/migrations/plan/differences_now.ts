import type { Db } from "mongodb";
import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { AnyModel } from "../../../model/types.ts";
import { serves, wantedCollection } from "../../schema/collection.ts";
import { differencesOf } from "../../schema/differences_of.ts";
import { liveCollections } from "../../schema/live_collections.ts";
import {
  expiryChanges,
  unmanagedIndexText,
} from "../compare/expiring_documents.ts";
import { isWanted, managedBy } from "../compare/managed_now.ts";
import { shardKeysIn, shardKeyText } from "../compare/shard_keys.ts";
import { columnsOf } from "../compare/validator.ts";

/** Returns the changes that make the collections match the models, and the objects that neither models nor history list. */
export async function differencesNow(
  db: Db,
  models: readonly AnyModel[],
  managed: readonly string[],
): Promise<Pick<SchemaPlan, "changes" | "unmanaged">> {
  const database = { db, prefix: "" };
  const live = await liveCollections(database);
  const shardKeys = await shardKeysIn(database);
  const ours = new Set([...managed, ...managedBy(models)]);
  const wanted = new Map(
    models.map((model) => [model.table, wantedCollection(model)]),
  );
  const changes = [...wanted].flatMap(([name, collection]) => {
    const existing = live.get(name);
    if (existing === undefined) return [`add the collection ${name}`];
    const isOurs = (column: string): boolean =>
      ours.has(managedName.column(name, column));
    return [
      ...differencesOf(existing, collection, isOurs)
        .map(({ change }) => change),
      ...expiryChanges(existing, (index) => isWanted(index, collection)),
    ];
  });
  const unmanaged = [
    ...[...live.values()].flatMap(({ name, validator, indexes }) => {
      const collection = wanted.get(name);
      if (collection === undefined) return ours.has(name) ? [] : [name];
      return [
        ...columnsOf(validator).filter((column) => column !== "_id")
          .map((column) => managedName.column(name, column))
          .filter((column) => !ours.has(column)),
        ...indexes.filter((index) =>
          !collection.indexes.some((one) => serves(index, one)) &&
          !ours.has(managedName.rule(name, index.name))
        ).map((index) => unmanagedIndexText(name, index)),
      ];
    }),
    ...[...shardKeys].filter(([name]) => ours.has(name)).map(([name, key]) =>
      `${name}: shard key ${shardKeyText(key)}`
    ),
  ].sort();
  return { changes, unmanaged };
}

/** Returns the collections that no model describes. */
export async function otherCollections(
  db: Db,
  models: readonly AnyModel[],
): Promise<readonly string[]> {
  const ours = new Set(models.map(({ table }) => table));
  const live = await liveCollections({ db, prefix: "" });
  return [...live.keys()].filter((name) => !ours.has(name)).sort();
}

/** Returns whether none of the models' collections exists. */
export async function isEmpty(
  db: Db,
  models: readonly AnyModel[],
): Promise<boolean> {
  return !await db.listCollections(
    { name: { $in: models.map(({ table }) => table) } },
    { nameOnly: true },
  ).hasNext();
}
