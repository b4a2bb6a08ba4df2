import { SQLConnection } from "@alerce/db-plugins";
import { SUITE_MODELS } from "@alerce/db-plugins/testing";
import { freshSchema, postgresSettings } from "./engines.ts";

/** A connection with the suite's models. */
export type Db = SQLConnection<typeof SUITE_MODELS>;

/** Registers a test that holds connections, whose timers outlive it. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

/** A connection to the server of the run, with empty tables in a schema of its own. */
export async function connected(settings: object = {}): Promise<Db> {
  const db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect({
    ...postgresSettings(),
    SCHEMA: freshSchema(),
    ...settings,
  });
  await db.createDb();
  return db;
}

/** Rows that differ in every key. */
export function stars(count: number): { id: bigint; name: string }[] {
  return Array.from(
    { length: count },
    (_, place) => ({ id: BigInt(place), name: `s${place}` }),
  );
}
