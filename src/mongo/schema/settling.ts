import type { Db } from "mongodb";
import { SchemaError } from "../../base/errors/mod.ts";
import type { WantedCollection } from "./collection.ts";
import { differences } from "./differences.ts";
import { liveCollections } from "./introspect.ts";
import { pause } from "../../base/pause.ts";

/** Milliseconds between looks: another process may be making what is different. */
const LOOK_AGAIN = 200;
/** Looks in a row that find nothing new while nobody makes anything, after which differences are there to stay. */
const QUIET_LOOKS = 5;
/** Looks after which nobody is waited for any more: half a minute. */
const LOOKS = 150;

/**
 * Compares collections that are there with those that are wanted. While another
 * process makes them, they are looked at again.
 *
 * @throws {SchemaError} with every difference
 */
export async function verifyCollections(
  db: Db,
  wanted: readonly WantedCollection[],
): Promise<void> {
  const names = wanted.map(({ name }) => name);
  let before = "";
  for (let look = 1, quiet = 1;; look++, quiet++) {
    const live = await liveCollections(db, names);
    const found = wanted.flatMap((collection) => {
      const there = live.get(collection.name);
      return there === undefined ? [] : differences(there, collection);
    });
    if (found.length === 0) return;
    const now = JSON.stringify([[...live.keys()].sort(), found]);
    if (now !== before) [before, quiet] = [now, 1];
    if (
      look >= LOOKS ||
      (quiet >= QUIET_LOOKS && !await areBeingMade(db, names))
    ) {
      throw new SchemaError(
        `The collections are not what the models say:\n  ${found.join("\n  ")}`,
        { differences: found },
      );
    }
    await pause(LOOK_AGAIN);
  }
}

/** Whether the server is making some collections, or indexes of theirs, now. Where it does not say, nobody is. */
export async function areBeingMade(
  db: Db,
  names: readonly string[],
): Promise<boolean> {
  const making = ["create", "createIndexes"].map((name) => ({
    [`command.${name}`]: { $in: names },
  }));
  // What others do is told to administrators alone.
  for (const allUsers of [true, false]) {
    try {
      const [one] = await db.client.db("admin").aggregate([
        { $currentOp: { allUsers } },
        { $match: { "command.$db": db.databaseName, $or: making } },
        { $limit: 1 },
      ]).toArray();
      return one !== undefined;
    } catch {
      continue;
    }
  }
  return false;
}
