import type { Backend, Engine, OpenOptions } from "../engine/engine.ts";
import type { MongoBackend } from "./backend.ts";
import { loadModule } from "../base/load_module.ts";

/** Opens a MongoDB connection. Loads the compiler and the driver on first use. */
export async function openMongoBackend(
  settings: unknown,
  options: OpenOptions,
): Promise<MongoBackend> {
  const { openMongo } = await loadModule(() => import("./open.ts"));
  return await openMongo(settings, options);
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
