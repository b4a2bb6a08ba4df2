import type { Connection } from "../../connection/connection.ts";
import type { SchemaReport } from "../../engine/engine.ts";
import { SchemaError } from "../../base/errors/mod.ts";
import { readGoodFolder } from "../../migrations/folder/folder.ts";
import { baseline, migrate, status } from "../../migrations/mod.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { interruptible } from "../terminal/interruption.ts";
import type { Person } from "../terminal/person.ts";

/** What is done about migrations where a schema is made. */
export interface HistorySteps {
  /** Files of a first migration that were written, up and down. */
  readonly files: readonly string[];
  /** Migrations that were applied. */
  readonly applied: readonly string[];
  /** Migrations that were recorded as applied, because what they make is there. */
  readonly recorded: readonly string[];
  /** Migrations that are left for `migrate`. */
  readonly pending: readonly string[];
}

/** A database whose schema is to be made. */
export interface Place {
  readonly connection: Connection;
  readonly target: MigrationTarget;
  readonly models: readonly AnyModel[];
  /** The folder of migrations. */
  readonly directory: string;
}

/** Where nothing is done about them. */
export const NO_STEPS: HistorySteps = {
  files: [],
  applied: [],
  recorded: [],
  pending: [],
};

/** How often another one may get in the way. */
const TRIES = 3;

/**
 * Makes the schema that models describe, and its history; where there is one,
 * it is gone by.
 *
 * @throws {SchemaError} where tables that are there are not what the models say
 */
export async function makeSchema(
  place: Place,
  person: Person,
): Promise<SchemaReport & HistorySteps> {
  const { connection, target } = place;
  const had = await hasFiles(place);
  for (let tries = 1;; tries++) {
    const history = await target.history();
    const running = history.find(({ state }) => state === "running");
    if (running !== undefined) await finish(place, running.id, person);
    if (history.length > 0) return await keepSchema(place);
    try {
      if (await target.isEmpty()) return await makeAll(place, person);
      const report = await connection.createDb({ verify: true });
      return { ...report, ...await startHistory(place, person) };
    } catch (error) {
      // Another one may have begun meanwhile: then its work is waited for.
      if (tries === TRIES || !await isBegun(place, had)) throw error;
    }
  }
}

/** Makes what the models describe where nothing of it is there. */
async function makeAll(
  place: Place,
  person: Person,
): Promise<SchemaReport & HistorySteps> {
  const steps = await startHistory(place, person);
  const report = await place.connection.createDb({ verify: true });
  // Of two at once, one makes the tables.
  if (steps.applied.length === 0) return { ...report, ...steps };
  const created = place.models.map(({ table }) => table);
  return { ...report, created, present: [], ...steps };
}

/** Whether there is a history that no failure ended, or files where there were none. */
async function isBegun(place: Place, hadFiles: boolean): Promise<boolean> {
  const history = await place.target.history();
  if (history.length > 0) {
    return history.every(({ state }) => state !== "failed");
  }
  return !hadFiles && await hasFiles(place);
}

async function hasFiles({ target, directory }: Place): Promise<boolean> {
  const folder = await readGoodFolder(target, directory, "empty");
  return folder.migrations.length > 0;
}

/** Waits for a run that goes on, or goes on with one that was killed. */
async function finish(
  { connection, directory }: Place,
  to: string,
  { tell }: Person,
): Promise<void> {
  await interruptible((signal) =>
    migrate(connection, { directory, to, signal, onProgress: tell })
  );
}

/** Applies the files, or writes a first one and applies or records it. */
async function startHistory(
  { connection, target, directory }: Place,
  { tell }: Person,
): Promise<HistorySteps> {
  return await interruptible(async (signal) => {
    const options = { directory, signal, onProgress: tell };
    const folder = await readGoodFolder(target, directory, "empty");
    if (folder.migrations.length > 0 && await target.isEmpty()) {
      const { applied } = await migrate(connection, options);
      return { ...NO_STEPS, applied: applied.map(({ id }) => id) };
    }
    const { files, applied, recorded } = await baseline(connection, options);
    return {
      ...NO_STEPS,
      files: files === undefined ? [] : [files.up, files.down],
      applied: applied.map(({ id }) => id),
      recorded,
    };
  });
}

/** Proves a schema that has a history, and makes again what is gone from it. What is new in files or models comes by migrations. */
async function keepSchema(
  { connection, target, models, directory }: Place,
): Promise<SchemaReport & HistorySteps> {
  const folder = await readGoodFolder(target, directory, "empty");
  const pending = folder.migrations.length === 0
    ? []
    : (await status(connection, { directory })).pending.map(({ id }) => id);
  if (pending.length > 0) {
    return { created: [], present: [], ...NO_STEPS, pending };
  }
  const history = await target.history();
  const managed = new Set(history.flatMap((record) => record.managed));
  const unknown = models.filter(({ table }) => !managed.has(table));
  if (unknown.length > 0) {
    const differences = unknown.map(({ table }) =>
      `${table} is in no migration`
    );
    throw new SchemaError(
      `The models are ahead of the migrations. \`dbp make_migrations\` writes the files, \`dbp migrate\` applies them:\n  ${
        differences.join("\n  ")
      }`,
      { differences },
    );
  }
  return { ...await connection.createDb({ verify: true }), ...NO_STEPS };
}
