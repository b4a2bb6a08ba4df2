import { loadSettings } from "../config.ts";
import { connect, engineOf, entryOf } from "../connect.ts";
import { DecisionError } from "../errors.ts";
import type { Target } from "./initdb.ts";
import { placeOf } from "./place.ts";

/** What `dropdb` did. */
export interface DropdbReport {
  /** The settings file. */
  readonly path: string;
  /** The tables or collections that are gone. */
  readonly dropped: readonly string[];
}

/**
 * Drops the models' tables and the history, never the database.
 *
 * @param confirm asks whether that is meant, before the database is touched
 * @throws {DecisionError} where it is not
 */
export async function dropdb(
  { settingsPath, db }: Target,
  confirm: (question: string) => Promise<boolean>,
): Promise<DropdbReport> {
  const { path, entries, models, engines } = await loadSettings(settingsPath);
  const source = `Invalid settings file ${path}`;
  const entry = entryOf(entries, db, source);
  const engine = engineOf(entry, engines, source);
  const question =
    `Drop every table of the models, with all that is in them, from ${
      placeOf(engine.name, entry)
    } (settings: ${path})?`;
  if (!await confirm(question)) {
    throw new DecisionError("Nothing was dropped", ["--yes"]);
  }
  await using connection = await connect(entries, {
    source,
    engines,
    createSession: false,
    ...(db === undefined ? {} : { db }),
    ...(models === undefined ? {} : { models }),
  });
  return { path, dropped: await connection.dropDb() };
}
