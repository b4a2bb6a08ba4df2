import type { Db } from "mongodb";
import { SchemaError } from "../../base/errors/mod.ts";
import { pause } from "../../base/pause.ts";
import type { WantedCollection } from "./collection.ts";
import { differencesOf } from "./differences_of.ts";
import { liveCollections } from "./live_collections.ts";

/** Milliseconds between two comparisons, while another process may create what is missing. */
const INTERVAL = 200;
/** Equal comparisons in a row after which differences are final, unless the server is creating something. */
const STABLE = 5;
/** Comparisons after which differences are final in any case: half a minute. */
const MOST = 150;

/**
 * Compares existing collections with the wanted ones, again and again while
 * another process creates them.
 *
 * @throws {SchemaError} with every difference
 */
export async function verifyCollections(
  db: Db,
  wanted: readonly WantedCollection[],
): Promise<void> {
  const names = wanted.map(({ name }) => name);
  let before = "";
  let equal = 0;
  for (let count = 1;; count++) {
    // Asked before the comparison, which shows what was created in between.
    const isIdle = equal >= STABLE && !await isCreating(db, names);
    const live = await liveCollections({ db, prefix: "" }, ...names);
    const differences = wanted.flatMap((collection) => {
      const existing = live.get(collection.name);
      return existing === undefined
        ? []
        : differencesOf(existing, collection).map(({ state }) => state);
    });
    if (differences.length === 0) return;
    const state = JSON.stringify([[...live.keys()].sort(), differences]);
    const isSame = state === before;
    [before, equal] = [state, isSame ? equal + 1 : 1];
    if (count >= MOST || (isIdle && isSame)) {
      throw new SchemaError(
        [
          "The collections do not match the models:",
          ...differences.map((difference) => `  ${difference}`),
          "Correct the models, or change the collections",
        ],
        { differences },
      );
    }
    await pause(INTERVAL);
  }
}

/** Returns whether the server is creating one of these collections or their indexes; false if the user may not know. */
export async function isCreating(
  db: Db,
  names: readonly string[],
): Promise<boolean> {
  const commands = ["create", "createIndexes"].map((name) => ({
    [`command.${name}`]: { $in: names },
  }));
  // Only administrators see the operations of other users.
  for (const allUsers of [true, false]) {
    try {
      const [one] = await db.client.db("admin").aggregate([
        { $currentOp: { allUsers } },
        { $match: { "command.$db": db.databaseName, $or: commands } },
        { $limit: 1 },
      ]).toArray();
      return one !== undefined;
    } catch {
      continue;
    }
  }
  return false;
}
