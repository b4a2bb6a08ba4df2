import { loadSettings } from "../config.ts";
import { connect, engineOf, entryOf } from "../connect.ts";
import type { SchemaReport } from "../engine.ts";

/** Which database a command is for. */
export interface Target {
  /** The settings file or its folder. */
  readonly settingsPath: string;
  /** The entry of `DB_CONFIG`. */
  readonly db?: string | undefined;
}

/** What `initdb` found and did. */
export interface InitdbReport extends SchemaReport {
  /** The settings file. */
  readonly path: string;
  /** Whether the database itself had to be made. */
  readonly databaseCreated: boolean;
}

/**
 * Makes the schema that the settings' models describe. Tables that are there
 * must be what the models say; else nothing is changed.
 *
 * @param options with `createDatabase`, the database itself is made where it is missing
 * @throws {SchemaError} with every difference
 */
export async function initdb(
  { settingsPath, db, createDatabase }: Target & {
    readonly createDatabase?: boolean | undefined;
  },
): Promise<InitdbReport> {
  const { path, entries, models, engines } = await loadSettings(settingsPath);
  const source = `Invalid settings file ${path}`;
  const entry = entryOf(entries, db, source);
  const engine = engineOf(entry, engines, source);
  // An engine that makes its database as it opens it has nothing to do here.
  const databaseCreated = createDatabase === true &&
    engine.createDatabase !== undefined &&
    await engine.createDatabase(entry, source);
  await using connection = await connect(entries, {
    source,
    engines,
    createSession: false,
    ...(db === undefined ? {} : { db }),
    ...(models === undefined ? {} : { models }),
  });
  const report = await connection.createDb({ verify: true });
  return { path, databaseCreated, ...report };
}
