import {
  type AnyModel,
  type Connection,
  DbPluginsError,
} from "@alerce/db-plugins";
import { SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { mongoEngine } from "./engines.ts";
import { withoutMongo } from "./mongo_server.ts";

/** A test on a MongoDB server; ignored if MongoDB is left out. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: withoutMongo,
    // The driver's timers outlive a closed connection.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

/** The result of an attempt after the server accepts connections and writes again. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isLate = performance.now() > end;
      if (isLate || !(error instanceof DbPluginsError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Whether an error is one of this package. */
export function failedInWords(error: unknown): boolean {
  assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
  return true;
}

/** A value without its type, like the JSON of a request. */
export function untyped(value: unknown): never {
  return value as never;
}

/** A connection to a new database with the models' collections. */
export async function opened(
  models: readonly AnyModel[] = SUITE_MODELS,
): Promise<Connection> {
  const db = await mongoEngine.open(models);
  await db.createDb();
  return db;
}
