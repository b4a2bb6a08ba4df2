import type { OpenOptions } from "../engine/engine.ts";
import type { MongoBackend } from "./backend.ts";
import { assertColumnNames } from "./codec/assert_column_names.ts";
import { mongoConfig } from "./driver/config.ts";
import { refuseUnacknowledged } from "./driver/refuse_unacknowledged.ts";
import { loadModule } from "../base/load_module.ts";

/** Opens a MongoDB connection. Loads the driver after the settings are checked. */
export async function openMongo(
  settings: unknown,
  options: OpenOptions,
): Promise<MongoBackend> {
  const hasClient = options.client !== undefined;
  const config = mongoConfig(settings, options.source, hasClient);
  refuseUnacknowledged(config, options.client, options.source);
  assertColumnNames(options.models);
  const [driver, { createBackend }] = await Promise.all([
    loadModule(() => import("./driver/open_mongo.ts")),
    loadModule(() => import("./backend.ts")),
  ]);
  return createBackend(await driver.openMongo(config, options), options);
}
