import { SQLConnection } from "@alerce/db-plugins";
import { SUITE_MODELS } from "@alerce/db-plugins/testing";
import { freshSchema, postgresSettings } from "./engines.ts";

/** A connection with the models of the suite. */
export type Db = SQLConnection<typeof SUITE_MODELS>;

/** Registers a test whose connections have timers that outlive it. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

/** Opens a connection to the test server, with empty tables in a schema of its own. */
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

/** Returns rows with different keys. */
export function stars(count: number): { id: bigint; name: string }[] {
  return Array.from(
    { length: count },
    (_, index) => ({ id: BigInt(index), name: `s${index}` }),
  );
}
