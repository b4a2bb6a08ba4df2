import {
  type AnyModel,
  type Connection,
  type InsertOf,
  MongoConnection,
} from "@alerce/db-plugins";
import {
  Sighting,
  Star,
  type StarInsert,
  SUITE_MODELS,
} from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { hostileEngine, mongoEngine, sqlEngines } from "./engines.ts";
import { memoryEngine } from "../memory/engine.ts";
import { withoutMongo } from "./mongo_server.ts";
import { removeNulls } from "./remove_nulls.ts";

/** All engines: servers, PGlite and the engine in memory. */
const ENGINES = [
  ...sqlEngines,
  hostileEngine,
  memoryEngine,
  ...withoutMongo ? [] : [mongoEngine],
];

const EVEN = { $mod: [2, 0] };

/** Registers a test with one connection to each engine. */
export function onEveryEngine(
  name: string,
  work: (databases: readonly Connection[]) => Promise<void>,
  models: readonly AnyModel[] = SUITE_MODELS,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const databases = await Promise.all(
        ENGINES.map(({ open }) => open(models)),
      );
      await Promise.all(databases.map((db) => db.createDb()));
      await work(databases);
      for (const db of databases) {
        await db.dropDb();
        await db.close();
      }
    },
  });
}

/**
 * Replaces the stars of all engines, and their sightings if some are passed. On
 * MongoDB, every second document lacks its null fields, like those of other
 * programs.
 */
export async function refill(
  databases: readonly Connection[],
  stars: readonly StarInsert[],
  sightings?: readonly InsertOf<typeof Sighting>[],
): Promise<void> {
  await Promise.all(databases.map(async (db) => {
    await db.query(Star).deleteAll({ filterBy: {}, all: true });
    await db.query(Star).bulkInsert(stars);
    if (sightings !== undefined) {
      await db.query(Sighting).deleteAll({ filterBy: {}, all: true });
      await db.query(Sighting).bulkInsert(sightings);
    }
    if (db instanceof MongoConnection) {
      await removeNulls(db, Star, { id: EVEN });
      if (sightings !== undefined) {
        await removeNulls(db, Sighting, { night: EVEN });
      }
    }
  }));
}

/** Runs the same query on all engines concurrently, asserts that all results are equal, and returns the result. */
export async function oneAnswer<T>(
  databases: readonly Connection[],
  ask: (db: Connection) => Promise<T>,
): Promise<T> {
  const answers = await Promise.allSettled(databases.map(ask));
  const [first, ...others] = answers.map((answer) => {
    if (answer.status === "rejected") throw answer.reason;
    return answer.value;
  });
  for (const [index, other] of others.entries()) {
    assert.deepEqual(other, first, `${ENGINES[index + 1]?.name}`);
  }
  assert.ok(first !== undefined);
  return first;
}
