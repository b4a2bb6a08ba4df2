import { loadSettings } from "../config.ts";
import { connect } from "../connect.ts";
import type { Target } from "./initdb.ts";

/** What `dropdb` did. */
export interface DropdbReport {
  /** The settings file. */
  readonly path: string;
  /** The tables or collections that are gone. */
  readonly dropped: readonly string[];
}

/** Drops the models' tables and the history, never the database. Whether that is meant was asked before. */
export async function dropdb(
  { settingsPath, db }: Target,
): Promise<DropdbReport> {
  const { path, entries, models, engines } = await loadSettings(settingsPath);
  await using connection = await connect(entries, {
    source: `Invalid settings file ${path}`,
    engines,
    createSession: false,
    ...(db === undefined ? {} : { db }),
    ...(models === undefined ? {} : { models }),
  });
  return { path, dropped: await connection.dropDb() };
}
