import { sql } from "kysely";
import type { AnyModel } from "@alerce/db-plugins";
import { SQLConnection } from "@alerce/db-plugins";
import { freshSchema, postgresSettings } from "./engines.ts";

/** A schema with tables of the models, and the settings of a role that uses them. */
export interface RoleCase {
  /** The owner of the schema. */
  readonly owner: SQLConnection<readonly AnyModel[]>;
  /** The schema. */
  readonly schema: string;
  /** The role, which has all rights on the tables unless a statement revokes them. */
  readonly role: string;
  /** Runs a statement as the owner, in the schema. `ROLE` and `SCHEMA` stand for the role and the schema. */
  run(statement: string): Promise<void>;
  /** Opens a connection of the role. */
  open(settings?: object): Promise<SQLConnection<readonly AnyModel[]>>;
}

/**
 * Runs `fn` with a new role and a new schema, and drops both.
 *
 * @param statements run before the first connection of the role
 * @param settings the server
 */
export async function withRole(
  models: readonly AnyModel[],
  statements: readonly string[],
  fn: (place: RoleCase) => Promise<void>,
  settings: Record<string, unknown> = postgresSettings(),
): Promise<void> {
  const schema = freshSchema();
  const role = `r_${schema}`;
  const owner = new SQLConnection({ models });
  await owner.connect({ ...settings, SCHEMA: schema });
  const opened: SQLConnection<readonly AnyModel[]>[] = [];
  const run = async (statement: string): Promise<void> => {
    const text = statement.replaceAll("ROLE", role).replaceAll(
      "SCHEMA",
      schema,
    );
    await owner.kysely.transaction().execute(async (tx) => {
      await sql.raw(`set local search_path to ${schema}, public`).execute(tx);
      await sql.raw(text).execute(tx);
    });
  };
  try {
    await run(`create schema ${schema}`);
    await run("create role ROLE login password 'secret'");
    await run(`grant usage on schema ${schema} to ROLE`);
    for (const statement of statements) await run(statement);
    await fn({
      owner,
      schema,
      role,
      run,
      async open(more = {}) {
        const db = new SQLConnection({ models });
        opened.push(db);
        await db.connect({
          ...settings,
          SCHEMA: schema,
          USER: role,
          PASSWORD: "secret",
          ...more,
        });
        return db;
      },
    });
  } finally {
    for (const db of opened) await db.close();
    await run(`drop schema ${schema} cascade`);
    await run(`drop owned by ${role} cascade`);
    await run(`drop role ${role}`);
    await owner.close();
  }
}
