import type { Db } from "mongodb";
import type {
  HistoryRecord,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import {
  type CollectionIndex,
  serves,
  type WantedCollection,
  wantedCollection,
} from "../../schema/collection.ts";
import { differences } from "../../schema/differences.ts";
import { liveCollections } from "../../schema/introspect.ts";
import { canonicalText, hashOf } from "../file/json.ts";
import { type Live, liveIn } from "./live_collections.ts";
import { besideInWords, passing } from "./expiring_documents.ts";
import { keyInWords, shardKeysIn } from "./shard_keys.ts";
import { columnsOf, propertyOf, requiredIn, rulesText } from "./validator.ts";

/** What models manage and is there: `object`, `object.oid`, `object#ix_object_oid`. */
export async function managedNow(
  db: Db,
  models: readonly AnyModel[],
): Promise<readonly string[]> {
  const live = await liveIn({ db, prefix: "" });
  return models.flatMap((model) => {
    const there = live.get(model.table);
    if (there === undefined) return [];
    const wanted = wantedCollection(model);
    const columns = new Set(columnsOf(there.validator));
    return [
      model.table,
      ...model.fields.filter(({ column }) => columns.has(column)).map((
        { column },
      ) => `${model.table}.${column}`),
      ...there.indexes.filter((index) => isWanted(index, wanted)).map((
        { name },
      ) => `${model.table}#${name}`),
    ];
  }).sort();
}

/**
 * What models manage, or managed by the history, as it is, in one word. What
 * others put there does not count.
 *
 * @param recorded whether the history alone says what is managed, where it
 * says so: models that came later have no part in what was left then
 */
export async function fingerprintNow(
  db: Db,
  models: readonly AnyModel[],
  history: readonly HistoryRecord[],
  recorded: boolean,
): Promise<string> {
  const live = await liveIn({ db, prefix: "" });
  const managed = new Set(history.flatMap(({ managed }) => managed));
  const own = recorded && managed.size > 0 ? managed : new Set([
    ...managed,
    ...models.flatMap(namesIn),
    ...await managedNow(db, models),
  ]);
  const said = [...live.values()].filter(({ name }) => own.has(name))
    .sort((one, other) => one.name < other.name ? -1 : 1)
    .map((collection) => ownPart(collection, own));
  return hashOf(canonicalText(said));
}

/** What is different between collections and models, in words, and what neither models nor history know. */
export async function differencesNow(
  db: Db,
  models: readonly AnyModel[],
  managed: readonly string[],
): Promise<Pick<SchemaPlan, "changes" | "unmanaged">> {
  const live = await liveCollections(db, models.map(({ table }) => table));
  const details = await liveIn({ db, prefix: "" });
  const ours = new Set([...managed, ...models.flatMap(namesIn)]);
  const changes = models.flatMap((model) => {
    const there = live.get(model.table);
    if (there === undefined) return [`${model.table} is missing`];
    const rules = there.rules && new Map(
      [...there.rules].filter(([column]) =>
        ours.has(`${model.table}.${column}`)
      ),
    );
    const wanted = wantedCollection(model);
    const detail = details.get(model.table);
    return [
      ...differences({ ...there, rules }, wanted),
      ...detail === undefined
        ? []
        : passing(detail, (index) => isWanted(index, wanted)),
    ];
  });
  const shardKeys = await shardKeysIn({ db, prefix: "" });
  const unmanaged = [
    ...besides(details, models, ours),
    ...[...shardKeys].filter(([name]) => ours.has(name)).map(([name, key]) =>
      `${name}: shard key ${keyInWords(key)}`
    ),
  ].sort();
  return { changes, unmanaged };
}

/** Whether an index is what a model asks for, by its name or by what it does. */
function isWanted(
  index: CollectionIndex,
  { indexes }: WantedCollection,
): boolean {
  return indexes.some((one) => one.name === index.name || serves(index, one));
}

function besides(
  live: ReadonlyMap<string, Live>,
  models: readonly AnyModel[],
  ours: ReadonlySet<string>,
): string[] {
  const wanted = new Map(
    models.map((model) => [model.table, wantedCollection(model)]),
  );
  return [...live.values()].flatMap(({ name, validator, indexes }) => {
    const collection = wanted.get(name);
    if (collection === undefined) return ours.has(name) ? [] : [name];
    return [
      ...columnsOf(validator).filter((column) => column !== "_id").map((
        column,
      ) => `${name}.${column}`).filter((part) => !ours.has(part)),
      ...indexes.filter((index) =>
        !collection.indexes.some((one) => serves(index, one)) &&
        !ours.has(`${name}#${index.name}`)
      ).map((index) => besideInWords(name, index)),
    ];
  });
}

/** Whether none of the models' collections is there. */
export async function isEmptyNow(
  db: Db,
  models: readonly AnyModel[],
): Promise<boolean> {
  return !await db.listCollections(
    { name: { $in: models.map(({ table }) => table) } },
    { nameOnly: true },
  ).hasNext();
}

function namesIn(model: AnyModel): string[] {
  const { indexes } = wantedCollection(model);
  return [
    model.table,
    ...model.fields.map(({ column }) => `${model.table}.${column}`),
    ...indexes.map(({ name }) => `${model.table}#${name}`),
  ];
}

function ownPart(live: Live, own: ReadonlySet<string>): unknown {
  const { name, type, validator, level, action, indexes } = live;
  const columns = columnsOf(validator).filter((column) =>
    own.has(`${name}.${column}`)
  );
  return {
    name,
    type,
    level,
    action,
    rules: rulesText({
      $jsonSchema: {
        required: requiredIn(validator).filter((column) =>
          columns.includes(column)
        ),
        properties: Object.fromEntries(
          columns.map((column) => [column, propertyOf(validator, column)]),
        ),
      },
    }),
    indexes: indexes.filter((index) => own.has(`${name}#${index.name}`)).map((
      { spec },
    ) => spec),
  };
}
