import type { Db } from "mongodb";
import type { SchemaReport } from "../../engine/engine.ts";
import { SchemaError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { CODE, serverCode } from "../link/codes.ts";
import {
  type CollectionIndex,
  indexInWords,
  serves,
  type WantedCollection,
  wantedCollection,
} from "./collection.ts";
import { duplicatesOf } from "./duplicates.ts";
import { type LiveCollection, liveCollections } from "./introspect.ts";
import { HISTORY } from "../../migrations/history/record.ts";
import { LOCK } from "./own_collections.ts";
import { verifyCollections } from "./settling.ts";

/** The server's codes: an index of these keys, or of this name, is otherwise. */
const INDEX_CONFLICTS: readonly unknown[] = [
  CODE.indexOptionsConflict,
  CODE.indexKeySpecsConflict,
];

/** Inserts a model's seed rows that are missing. */
export type Seeder = (model: AnyModel) => Promise<void>;

/**
 * Makes the collections that are missing, with their validators, and the
 * indexes that are missing, on collections that were there too. A validator
 * that is there, or is not, is left as it is. MongoDB does this in steps: a
 * run that was broken off is completed by the next.
 *
 * @param verify whether collections that are there must be what the models say
 * @throws {SchemaError} with every difference, or with the documents that are
 * in the way of a unique index; nothing is changed then
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
  const live = await liveCollections(db, names);
  const work = wanted.map((collection) => ({
    collection,
    lacking: lackingIn(collection, live.get(collection.name)),
  }));
  await refuseDuplicates(db, live, work);
  const created: string[] = [];
  const notes = wanted.flatMap((collection) => collection.notes);
  for (const { collection, lacking } of work) {
    const made = !live.has(collection.name) && await create(db, collection);
    if (made) created.push(collection.name);
    if (lacking.length === 0) continue;
    await buildIndexes(db, collection.name, lacking);
    if (live.has(collection.name)) {
      notes.push(
        ...lacking.map((index) =>
          `${collection.name}: the index ${indexInWords(index)} was built`
        ),
      );
    }
  }
  for (const model of models) if (model.seed.length > 0) await seed(model);
  return {
    created,
    present: names.filter((name) => !created.includes(name)),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

/** Drops the models' collections, the history and its lock, and names those that were there. */
export async function dropSchema(
  db: Db,
  models: readonly AnyModel[],
): Promise<readonly string[]> {
  const names = [...models.map(({ table }) => table), HISTORY, LOCK];
  const listed = await db.listCollections(
    { name: { $in: names } },
    { nameOnly: true },
  ).toArray();
  const there = new Set(listed.map(({ name }) => name));
  const dropped = names.filter((name) => there.has(name));
  for (const name of dropped) {
    await db.dropCollection(name).catch(unless(CODE.namespaceNotFound));
  }
  return dropped;
}

/** A collection's work: what it is to be, and the indexes it lacks. */
interface Work {
  readonly collection: WantedCollection;
  readonly lacking: readonly CollectionIndex[];
}

function lackingIn(
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
  for (const { collection: { name }, lacking } of work) {
    if (!live.has(name)) continue;
    for (const index of lacking.filter(({ unique }) => unique)) {
      found.push(...await duplicatesOf(db, name, index));
    }
  }
  if (found.length === 0) return;
  throw new SchemaError(
    `Cannot build unique indexes; nothing was changed:\n  ${
      found.join("\n  ")
    }`,
    { differences: found },
  );
}

/** Makes a collection; false where another was faster. */
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
    const wanted = indexes.map((index) =>
      `${table} lacks the index ${indexInWords(index)}`
    );
    throw new SchemaError(
      `Cannot build an index of ${table}: another is in its place. Drop that one first. ${
        error instanceof Error ? error.message : ""
      }`,
      { cause: error, differences: wanted },
    );
  }
}

function unless(code: number): (error: unknown) => void {
  return (error) => {
    if (serverCode(error) !== code) throw error;
  };
}
