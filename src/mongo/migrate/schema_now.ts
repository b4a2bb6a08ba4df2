import type { Db } from "mongodb";
import type { HistoryRecord } from "../../migration.ts";
import type { AnyModel } from "../../model/types.ts";
import { serves, wantedCollection } from "../schema/collection.ts";
import { differences } from "../schema/differences.ts";
import { liveCollections } from "../schema/introspect.ts";
import { canonicalText, hashOf } from "./json.ts";
import { type Live, liveIn } from "./live.ts";
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
      ...there.indexes.filter((index) =>
        wanted.indexes.some((one) =>
          one.name === index.name || serves(index, one)
        )
      ).map(({ name }) => `${model.table}#${name}`),
    ];
  }).sort();
}

/** What models manage, or managed by the history, as it is, in one word. What others put there does not count. */
export async function fingerprintNow(
  db: Db,
  models: readonly AnyModel[],
  history: readonly HistoryRecord[],
): Promise<string> {
  const live = await liveIn({ db, prefix: "" });
  const own = new Set([
    ...history.flatMap(({ managed }) => managed),
    ...models.flatMap(namesIn),
  ]);
  const said = [...live.values()].filter(({ name }) => own.has(name))
    .sort((one, other) => one.name < other.name ? -1 : 1)
    .map((collection) => ownPart(collection, own));
  return hashOf(canonicalText(said));
}

/** What is different between collections and models, in words. */
export async function differencesNow(
  db: Db,
  models: readonly AnyModel[],
): Promise<readonly string[]> {
  const live = await liveCollections(db, models.map(({ table }) => table));
  return models.flatMap((model) => {
    const there = live.get(model.table);
    return there === undefined
      ? [`${model.table} is missing`]
      : differences(there, wantedCollection(model));
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
