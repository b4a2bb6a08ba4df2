import type { Db } from "mongodb";
import type { SchemaReport } from "../../engine/engine.ts";
import { SchemaError, withOutcome } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { CODE, serverCode } from "../link/codes.ts";
import {
  type CollectionIndex,
  indexText,
  serves,
  type WantedCollection,
  wantedCollection,
} from "./collection.ts";
import { duplicatesOf } from "./duplicates.ts";
import { missingIndex } from "./differences_of.ts";
import { type LiveCollection, liveCollections } from "./live_collections.ts";
import { OWN_TABLES } from "../../migrations/history/own_tables.ts";
import { LOCK, UPSERT_LOCKS } from "./own_collections.ts";
import { verifyCollections } from "./verify_collections.ts";

/** Codes for an existing index with the same keys or name and other options. */
const INDEX_CONFLICTS: readonly unknown[] = [
  CODE.indexOptionsConflict,
  CODE.indexKeySpecsConflict,
];

/** Inserts the missing seed rows of a model. */
export type Seeder = (model: AnyModel) => Promise<void>;

/**
 * Creates the missing collections with their validators, and missing indexes of
 * all collections. Validators of existing collections do not change. MongoDB
 * does this in steps; a later run completes an interrupted one.
 *
 * @param verify whether existing collections must match the models
 * @throws {SchemaError} with every difference, or with documents that have
 * duplicate keys; then nothing is changed
 */
export async function createSchema(
  db: Db,
  models: readonly AnyModel[],
  verify: boolean,
  seed: Seeder,
): Promise<SchemaReport> {
  const wanted = models.map(wantedCollection);
  const names = wanted.map(({ name }) => name);
  if (verify) await verifyCollections(db, wanted);
  const live = await liveCollections({ db, prefix: "" }, ...names);
  const work = wanted.map((collection) => ({
    collection,
    missing: missingIn(collection, live.get(collection.name)),
  }));
  await refuseDuplicates(db, live, work);
  const created: string[] = [];
  const notes = wanted.flatMap((collection) => collection.notes);
  await inParts(async (done) => {
    for (const { collection, missing } of work) {
      const isCreated = !live.has(collection.name) &&
        await create(db, collection);
      if (isCreated) created.push(collection.name);
      if (isCreated) done();
      if (missing.length === 0) continue;
      await buildIndexes(db, collection.name, missing);
      done();
      if (live.has(collection.name)) {
        notes.push(
          ...missing.map((index) =>
            `${collection.name}: the index ${indexText(index)} was created`
          ),
        );
      }
    }
    for (const model of models) if (model.seed.length > 0) await seed(model);
  });
  return {
    created,
    present: names.filter((name) => !created.includes(name)),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

/** Drops the collections of the models, and those of this package, and returns the names of those that existed. */
export async function dropSchema(
  db: Db,
  models: readonly AnyModel[],
): Promise<readonly string[]> {
  const names = [
    ...models.map(({ table }) => table),
    ...OWN_TABLES,
    LOCK,
    UPSERT_LOCKS,
  ];
  const listed = await db.listCollections(
    { name: { $in: names } },
    { nameOnly: true },
  ).toArray();
  const existing = new Set(listed.map(({ name }) => name));
  const dropped = names.filter((name) => existing.has(name));
  await inParts(async (done) => {
    for (const name of dropped) {
      await db.dropCollection(name).catch(unless(CODE.namespaceNotFound));
      done();
    }
  });
  return dropped.filter((name) => name !== UPSERT_LOCKS);
}

/**
 * Changes the database by several commands, each final at once. If a later one
 * fails, the outcome of the whole is unknown.
 *
 * @param change calls its argument after each command
 */
async function inParts(
  change: (done: () => void) => Promise<void>,
): Promise<void> {
  let hasChanged = false;
  try {
    await change(() => hasChanged = true);
  } catch (error) {
    throw hasChanged ? withOutcome(error, "unknown") : error;
  }
}

/** A wanted collection and its missing indexes. */
interface Work {
  readonly collection: WantedCollection;
  readonly missing: readonly CollectionIndex[];
}

function missingIn(
  { indexes }: WantedCollection,
  live: LiveCollection | undefined,
): readonly CollectionIndex[] {
  return indexes.filter((index) =>
    !live?.indexes.some((other) => serves(other, index))
  );
}

async function refuseDuplicates(
  db: Db,
  live: ReadonlyMap<string, LiveCollection>,
  work: readonly Work[],
): Promise<void> {
  const found: string[] = [];
  for (const { collection: { name }, missing } of work) {
    if (!live.has(name)) continue;
    for (const index of missing.filter(({ unique }) => unique)) {
      found.push(...await duplicatesOf(db, name, index));
    }
  }
  if (found.length === 0) return;
  throw new SchemaError(
    [
      "Cannot create unique indexes; nothing was changed:",
      ...found.map((difference) => `  ${difference}`),
    ],
    { differences: found },
  );
}

/** Creates a collection; false if another process created it first. */
async function create(
  db: Db,
  { name, validator }: WantedCollection,
): Promise<boolean> {
  try {
    await db.createCollection(name, {
      validator,
      validationLevel: "strict",
      validationAction: "error",
    });
    return true;
  } catch (error) {
    if (serverCode(error) === CODE.namespaceExists) return false;
    throw error;
  }
}

async function buildIndexes(
  db: Db,
  table: string,
  indexes: readonly CollectionIndex[],
): Promise<void> {
  try {
    await db.collection(table).createIndexes(
      indexes.map(({ name, keys, unique, partial }) => ({
        name,
        key: new Map(keys),
        ...(unique ? { unique } : {}),
        ...(partial === undefined ? {} : { partialFilterExpression: partial }),
      })),
    );
  } catch (error) {
    if (!INDEX_CONFLICTS.includes(serverCode(error))) throw error;
    throw new SchemaError(
      `Cannot create an index of ${table}: an existing index has its name or its keys. Drop that index first. ${
        error instanceof Error ? error.message : ""
      }`,
      {
        cause: error,
        differences: indexes.map((index) => missingIndex(table, index).state),
      },
    );
  }
}

function unless(code: number): (error: unknown) => void {
  return (error) => {
    if (serverCode(error) !== code) throw error;
  };
}
