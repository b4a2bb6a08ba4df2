import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { serverCode } from "../../link/codes.ts";
import { printed } from "../file/json.ts";
import type { View } from "./live_collections.ts";

/** By what a collection is spread over shards: fields in order, each ascending or hashed. */
export type ShardKey = Document;

/** What a cluster notes of a collection. */
interface Entry extends Document {
  /** With its database before it. */
  readonly _id: string;
  readonly key: ShardKey;
}

/** Comes after every name that begins with what stands before it. */
const LAST = "\u{10FFFF}";

/**
 * The shard keys of a database's collections, which neither the collections nor
 * their indexes tell. Of a server that is no part of a cluster there are none.
 *
 * @throws {MigrationError} where a cluster does not tell them to this user
 */
export async function shardKeysIn(
  { db, prefix }: View,
): Promise<ReadonlyMap<string, ShardKey>> {
  const before = `${db.databaseName}.${prefix}`;
  const found = await db.client.db("config").collection<Entry>("collections")
    .find({
      _id: { $gte: before, $lt: before + LAST },
      dropped: { $ne: true },
      // MongoDB 8 lists collections here that are on one shard as a whole.
      unsplittable: { $ne: true },
    }, { readPreference: "primary" }).toArray()
    .catch(async (error: unknown) => {
      if (serverCode(error) === undefined) throw error;
      const { msg } = await db.command({ hello: 1 });
      if (msg !== "isdbgrid") return [];
      throw new MigrationError(
        `Cannot tell which collections of ${db.databaseName} are sharded: the cluster does not let this user read config.collections, as the role clusterMonitor does`,
        { cause: error },
      );
    });
  return new Map(
    found.map(({ _id, key }) => [_id.slice(before.length), key]),
  );
}

/** A shard key, as `{ "oid": 1 }`. */
export function keyInWords(key: ShardKey): string {
  return printed(key, "");
}
