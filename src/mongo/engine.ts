import type { Backend, Engine, OpenOptions } from "../engine/engine.ts";
import { refuseUnanswered } from "./driver/write_concern.ts";
import type { MongoBackend } from "./backend.ts";
import { mongoConfig } from "./driver/config.ts";
import { checkColumns } from "./codec/column_names.ts";

/** Opens a MongoDB connection; the driver is loaded now and no sooner. */
export async function openMongoBackend(
  settings: unknown,
  options: OpenOptions,
): Promise<MongoBackend> {
  const ready = options.client !== undefined;
  const config = mongoConfig(settings, options.source, ready);
  refuseUnanswered(config, options.client, options.source);
  checkColumns(options.models);
  const [{ openMongo }, { createBackend }] = await Promise.all([
    import("./driver/open.ts"),
    import("./backend.ts"),
  ]);
  return createBackend(await openMongo(config, options), options);
}

/**
 * A MongoDB server. `MongoConnection` refuses `transaction` on one that runs
 * alone; a connection of another class does there what it can without.
 */
export const mongodb: Engine = {
  name: "mongodb",
  open: (settings, options): Promise<Backend> =>
    openMongoBackend(settings, options),
};
