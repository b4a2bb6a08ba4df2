import { loadSettings } from "../../settings/load.ts";
import { connect, engineOf, entryOf } from "../../connect.ts";
import type { Connection } from "../../connection/connection.ts";
import { modelsOf } from "../../connection/models.ts";
import type { Engine } from "../../engine/engine.ts";
import type { AnyModel } from "../../model/types.ts";
import { ALERCE_MODELS } from "../../models/mod.ts";

/** Which database a command is for. */
export interface Target {
  /** The settings file or its folder. */
  readonly settingsPath: string;
  /** The entry of `DB_CONFIG`. */
  readonly db?: string | undefined;
}

/** A target whose settings were read, and whose database was not reached yet. */
export interface FoundTarget {
  /** The settings file. */
  readonly path: string;
  /** How errors in the settings begin. */
  readonly source: string;
  /** The entry of `DB_CONFIG` that is meant. */
  readonly entry: unknown;
  /** The engine that it names. */
  readonly engine: Engine;
  /** The models of the entry, else of the settings, else ALeRCE's. */
  readonly models: readonly AnyModel[];
  /** Opens the database with the models of the settings. */
  open(): Promise<Connection>;
}

/**
 * Reads the settings of a target.
 *
 * @throws {ConfigError} naming the file and every wrong key
 */
export async function findTarget(
  { settingsPath, db }: Target,
): Promise<FoundTarget> {
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
