import { loadSettings } from "../../settings/load.ts";
import { connect, engineOf, entryOf } from "../../connect.ts";
import type { Connection } from "../../connection/connection.ts";
import { modelsOf } from "../../connection/models.ts";
import type { Engine } from "../../engine/engine.ts";
import type { AnyModel } from "../../model/types.ts";
import { ALERCE_MODELS } from "../../models/mod.ts";

/** Selects an entry of a settings file. */
export interface Selection {
  /** The settings file or its folder. */
  readonly settingsPath: string;
  /** The entry of `DB_CONFIG`. */
  readonly db: string | undefined;
}

/** The database of a command: settings are read, no connection is open yet. */
export interface Target {
  /** The settings file. */
  readonly path: string;
  /** The beginning of errors about the settings. */
  readonly source: string;
  /** The selected entry of `DB_CONFIG`. */
  readonly entry: unknown;
  /** The engine of the entry. */
  readonly engine: Engine;
  /** The models of the entry, else of the settings, else ALeRCE's. */
  readonly models: readonly AnyModel[];
  /** Connects with the models of the settings. */
  open(): Promise<Connection>;
}

/**
 * Reads the settings of a command.
 *
 * @throws {ConfigError} with the file and every wrong key
 */
export async function findTarget(
  { settingsPath, db }: Selection,
): Promise<Target> {
  const { path, entries, models, engines } = await loadSettings(settingsPath);
  const source = `Invalid settings file ${path}`;
  const entry = entryOf(entries, db, source);
  return {
    path,
    source,
    entry,
    engine: engineOf(entry, engines, source),
    models: modelsOf(entry) ?? models ?? ALERCE_MODELS,
    open: () =>
      connect(entries, {
        source,
        engines,
        createSession: false,
        ...(db === undefined ? {} : { db }),
        ...(models === undefined ? {} : { models }),
      }),
  };
}
