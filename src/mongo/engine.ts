import type { Backend, Engine, OpenOptions } from "../engine/engine.ts";
import type { MongoBackend } from "./backend.ts";
import { assertColumnNames } from "./codec/assert_column_names.ts";
import { mongoConfig } from "./driver/config.ts";
import { refuseUnacknowledged } from "./driver/refuse_unacknowledged.ts";

/** Opens a MongoDB connection. Loads the driver on first use. */
export async function openMongoBackend(
  settings: unknown,
  options: OpenOptions,
): Promise<MongoBackend> {
  const hasClient = options.client !== undefined;
  const config = mongoConfig(settings, options.source, hasClient);
  refuseUnacknowledged(config, options.client, options.source);
  assertColumnNames(options.models);
  const [{ openMongo }, { createBackend }] = await Promise.all([
    import("./driver/open_mongo.ts"),
    import("./backend.ts"),
  ]);
  return createBackend(await openMongo(config, options), options);
}

/**
 * MongoDB. On a standalone server, `MongoConnection` refuses `transaction`;
 * other connection classes defer the writes of a transaction to its end.
 */
export const mongodb: Engine = {
  name: "mongodb",
  open: (settings, options): Promise<Backend> =>
    openMongoBackend(settings, options),
};
