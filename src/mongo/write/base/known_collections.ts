import { SchemaError } from "../../../base/errors/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { MongoDriver } from "../../link/link.ts";
import { commandHint } from "../../../base/hints.ts";

/** Milliseconds until an existing collection is looked up again. */
const CACHE_TIME = 1_000;

/** The collections that are known to exist. */
export interface KnownCollections {
  /**
   * Checks that a model's collection exists. The server would create a missing
   * one on the first write, without its unique indexes.
   *
   * @param purpose what cannot be done if it is missing
   * @throws {SchemaError} if it is missing
   */
  assertExists(model: AnyModel, purpose: "read" | "write"): Promise<void>;
  /** Forgets all collections, so that each is looked up again. */
  clear(): void;
}

/** Looks up each collection from time to time, because another process may drop it. */
export function createKnownCollections(
  { db, mapErrors }: MongoDriver,
): KnownCollections {
  const lookups = new Map<string, number>();
  return {
    async assertExists({ name, table }, purpose) {
      const now = performance.now();
      if (now - (lookups.get(table) ?? -Infinity) < CACHE_TIME) return;
      const exists = await mapErrors(() =>
        db.listCollections({ name: table }, {
          nameOnly: true,
          authorizedCollections: true,
        }).hasNext()
      );
      if (!exists) {
        lookups.delete(table);
        throw new SchemaError(
          `Cannot ${purpose} ${name}: the database ${db.databaseName} has no collection ${table}. Run ${
            commandHint("initdb")
          } to create missing collections`,
          { differences: [`${table} is missing`] },
        );
      }
      lookups.set(table, now);
    },
    clear: () => lookups.clear(),
  };
}
