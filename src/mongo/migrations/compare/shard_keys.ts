import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { serverCode } from "../../link/codes.ts";
import { printed } from "../file/json.ts";
import type { PrefixedDatabase } from "../../schema/live_collections.ts";

/** The shard key of a collection: fields in order, each ascending or hashed. */
export type ShardKey = Document;

/** The entry of a collection in the configuration of a cluster. */
interface Entry extends Document {
  /** Its name after the name of its database. */
  readonly _id: string;
  readonly key: ShardKey;
}

/** Sorts after every name with the same beginning. */
const LAST = "\u{10FFFF}";

/**
 * Returns the shard keys of the collections of a database; empty for a server
 * outside a cluster.
 *
 * @throws {MigrationError} if this user may not read them
 */
export async function shardKeysIn(
  { db, prefix }: PrefixedDatabase,
): Promise<ReadonlyMap<string, ShardKey>> {
  const before = `${db.databaseName}.${prefix}`;
  const found = await db.client.db("config").collection<Entry>("collections")
    .find({
      _id: { $gte: before, $lt: before + LAST },
      dropped: { $ne: true },
      // MongoDB 8 lists unsharded collections, too.
      unsplittable: { $ne: true },
    }, { readPreference: "primary" }).toArray()
    .catch(async (error: unknown) => {
      if (serverCode(error) === undefined) throw error;
      const { msg } = await db.command({ hello: 1 });
      if (msg !== "isdbgrid") return [];
      throw new MigrationError(
        `Cannot determine the sharded collections of ${db.databaseName}: this user may not read config.collections, which the role clusterMonitor permits`,
        { cause: error },
      );
    });
  return new Map(
    found.map(({ _id, key }) => [_id.slice(before.length), key]),
  );
}

/** Returns a shard key as text: `{ "oid": 1 }`. */
export function shardKeyText(key: ShardKey): string {
  return printed(key, "");
}
