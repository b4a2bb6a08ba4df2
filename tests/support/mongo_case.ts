import {
  type AnyModel,
  type Connection,
  DbPluginsError,
} from "@alerce/db-plugins";
import { SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoEngine } from "./engines.ts";
import { withoutMongo } from "./mongo_server.ts";

/** A test on a MongoDB server; left out where MongoDB is. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: withoutMongo,
    // The driver's timers outlive a connection that is closed.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

/** What an attempt gives once the server takes connections and writes again. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 100 || !(error instanceof DbPluginsError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Whether a failure is one of this package's. */
export function failedInWords(error: unknown): boolean {
  assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
  return true;
}

/** As JSON of a request would be: the compiler knows better. */
export function untyped(value: unknown): never {
  return value as never;
}

/** A connection to a database of its own, with the models' collections made. */
export async function opened(
  models: readonly AnyModel[] = SUITE_MODELS,
): Promise<Connection> {
  const db = await mongoEngine.open(models);
  await db.createDb();
  return db;
}
