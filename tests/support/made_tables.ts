import type { AnyModel } from "@alerce/db-plugins";
import { SQLConnection } from "@alerce/db-plugins";
import { sql } from "kysely";
import { test } from "./connected.ts";
import {
  freshPglite,
  freshSchema,
  postgres15Settings,
  postgresSettings,
} from "./engines.ts";
import { ROUNDS } from "./rounds.ts";

/** Tables that statements create, and a connection to them. */
export interface MadeTables {
  readonly db: SQLConnection<readonly AnyModel[]>;
  /** Runs a statement in the schema of the tables, and returns its rows. */
  run(statement: string): Promise<readonly Record<string, unknown>[]>;
}

const SERVERS: Record<string, () => Record<string, unknown> | undefined> = {
  postgresql: postgresSettings,
  "postgresql 15": postgres15Settings,
  pglite: () => ({ ENGINE: "pglite", DB_NAME: "memory://" }),
};

/** One PGlite for all tests of a group, each with a schema of its own. */
let pglite: ReturnType<typeof freshPglite> | undefined;

/** The versions of a test that PostgreSQL on a server runs alone; the statements are the same on each, so that by day the newest does. */
export const ON_SERVERS: readonly string[] = ROUNDS > 1
  ? ["postgresql", "postgresql 15"]
  : ["postgresql"];

/** Registers a test on PostgreSQL and PGlite, whose drivers write in different ways, in a schema that the statements fill. At night version 15 runs it, too. */
export function testTables(
  name: string,
  models: readonly AnyModel[],
  statements: readonly string[],
  fn: (place: MadeTables, engine: string) => Promise<void>,
  engines: readonly string[] = [...ON_SERVERS, "pglite"],
): void {
  for (const engine of engines) {
    const settings = SERVERS[engine]?.();
    if (settings === undefined) continue;
    test(`${engine}: ${name}`, async () => {
      const SCHEMA = freshSchema();
      const client = engine === "pglite"
        ? await (pglite ??= freshPglite())
        : undefined;
      await using db = new SQLConnection({ models, client });
      await db.connect({ ...settings, SCHEMA });
      const run = (statement: string) =>
        db.kysely.transaction().execute(async (tx) => {
          await sql.raw(`set local search_path to ${SCHEMA}, public`).execute(
            tx,
          );
          const { rows } = await sql.raw(statement).execute(tx);
          return rows as Record<string, unknown>[];
        });
      await run(`create schema ${SCHEMA}`);
      try {
        for (const statement of statements) await run(statement);
        await fn({ db, run }, engine);
      } finally {
        await run(`drop schema ${SCHEMA} cascade`);
      }
    });
  }
}
