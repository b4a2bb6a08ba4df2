import { ConfigError } from "../../base/errors/mod.ts";
import { ENVIRONMENT, loadSettings } from "../../settings/load.ts";
import { connect, engineOf, entryOf } from "../../connect.ts";
import type { Connection } from "../../connection/connection.ts";
import { modelsOf } from "../../connection/models.ts";
import type { Engine } from "../../engine/engine.ts";
import type { AnyModel } from "../../model/types.ts";
import { ALERCE_MODELS } from "../../models/mod.ts";

/** Commands that compare, create, fill or drop the tables of the models. */
const MODEL_COMMANDS: readonly string[] = [
  ...["initdb", "make_migrations", "check", "drift", "load", "export"],
  "dropdb",
];

/** Selects an entry of a settings file. */
export interface Selection {
  /** The settings file or its folder. */
  readonly settingsPath: string;
  /** The entry of `DB_CONFIG`. */
  readonly db: string | undefined;
  /** The models if there is no settings file. */
  readonly models: "alerce" | undefined;
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
  /** The models of the entry, else of the settings, else ALeRCE's; none if only the environment names the database and the user does not choose them. */
  readonly models: readonly AnyModel[];
  /** Connects with the models of the settings. */
  open(): Promise<Connection>;
}

/**
 * Reads the settings of a command.
 *
 * @param command the name of the command
 * @throws {ConfigError} with the file and every wrong key, or if the command
 * needs models and nothing names them
 */
export async function findTarget(
  { settingsPath, db, models: chosen }: Selection,
  command: string,
): Promise<Target> {
  const { path, entries, engines, ...settings } = await loadSettings(
    settingsPath,
  );
  const hasFile = path !== ENVIRONMENT;
  if (!hasFile && chosen === undefined && MODEL_COMMANDS.includes(command)) {
    throw new ConfigError(
      `Cannot run ${command}: the database comes from the environment, which names no models. Write a settings file with DB_CONFIG and MODELS, or pass --models alerce for the 17 tables of ALeRCE`,
      [],
    );
  }
  const models = settings.models ??
    (hasFile ? undefined : chosen === "alerce" ? ALERCE_MODELS : []);
  const source = `Invalid settings file ${path}`;
  const entry = entryOf(entries, db, source);
  return {
    path,
    source,
    entry,
    engine: await engineOf(entry, engines, source),
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
