import type { Connection } from "../../connection/connection.ts";
import type { SchemaReport } from "../../engine/engine.ts";
import { SchemaError } from "../../base/errors/mod.ts";
import { readValidFolder } from "../../migrations/folder/folder.ts";
import { baseline, migrate, status } from "../../migrations/mod.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { interruptible } from "../terminal/interruption.ts";
import type { Dialog } from "../terminal/dialog.ts";
import { commandHint } from "../../base/hints.ts";

/** What `initdb` does with migrations. */
export interface HistorySteps {
  /** The files that were written for a first migration: up and down. */
  readonly files: readonly string[];
  /** The migrations that were applied. */
  readonly applied: readonly string[];
  /** The migrations that were recorded as applied, because their tables exist. */
  readonly recorded: readonly string[];
  /** The migrations that `migrate` must apply. */
  readonly pending: readonly string[];
}

/** A database that needs a schema. */
interface SchemaSource {
  readonly connection: Connection;
  readonly target: MigrationTarget;
  readonly models: readonly AnyModel[];
  /** The folder of migrations. */
  readonly directory: string;
  /** Whether to leave out position indexes whose extension cannot be created. */
  readonly skipRefused: boolean;
}

/** Nothing done with migrations. */
export const NO_STEPS: HistorySteps = {
  files: [],
  applied: [],
  recorded: [],
  pending: [],
};

/** How often to try if other processes create the schema at the same time. */
const ATTEMPTS = 3;

/**
 * Creates the schema of the models, and its history. If a history exists,
 * follows it.
 *
 * @throws {SchemaError} if existing tables differ from the models
 */
export async function makeSchema(
  source: SchemaSource,
  dialog: Dialog,
): Promise<SchemaReport & HistorySteps> {
  const { connection, target } = source;
  const hadFiles = await hasFiles(source);
  for (let attempt = 1;; attempt++) {
    const history = await target.history();
    const running = history.find(({ state }) => state === "running");
    if (running !== undefined) await finishRun(source, running.id, dialog);
    if (history.length > 0) return await keepSchema(source);
    try {
      if (await target.isEmpty()) return await createAll(source, dialog);
      const report = await connection.createDb({ verify: true });
      return { ...report, ...await startHistory(source, dialog) };
    } catch (error) {
      // If another process has begun in the meantime, wait for it.
      if (attempt === ATTEMPTS || !await isBegun(source, hadFiles)) throw error;
    }
  }
}

/** Creates the schema in an empty database. */
async function createAll(
  source: SchemaSource,
  dialog: Dialog,
): Promise<SchemaReport & HistorySteps> {
  const steps = await startHistory(source, dialog);
  const report = await source.connection.createDb({ verify: true });
  // Another process created the tables.
  if (steps.applied.length === 0) return { ...report, ...steps };
  const created = source.models.map(({ table }) => table);
  return { ...report, created, present: [], ...steps };
}

/** Whether a history without failures exists, or files exist that did not before. */
async function isBegun(
  source: SchemaSource,
  hadFiles: boolean,
): Promise<boolean> {
  const history = await source.target.history();
  if (history.length > 0) {
    return history.every(({ state }) => state !== "failed");
  }
  return !hadFiles && await hasFiles(source);
}

async function hasFiles({ target, directory }: SchemaSource): Promise<boolean> {
  const folder = await readValidFolder(target, directory, "empty");
  return folder.migrations.length > 0;
}

/** Waits for a run of another process, or finishes a run that was killed. */
async function finishRun(
  { connection, directory }: SchemaSource,
  to: string,
  { onProgress }: Dialog,
): Promise<void> {
  await interruptible((signal) =>
    migrate(connection, { directory, to, signal, onProgress })
  );
}

/** Applies the files, or writes a first migration and applies or records it. */
async function startHistory(
  { connection, target, directory, skipRefused }: SchemaSource,
  { onProgress }: Dialog,
): Promise<HistorySteps> {
  return await interruptible(async (signal) => {
    const options = { directory, signal, onProgress };
    const folder = await readValidFolder(target, directory, "empty");
    if (folder.migrations.length > 0 && await target.isEmpty()) {
      const { applied } = await migrate(connection, options);
      return { ...NO_STEPS, applied: applied.map(({ id }) => id) };
    }
    const { files, applied, recorded } = await baseline(connection, {
      ...options,
      skipRefused,
    });
    return {
      ...NO_STEPS,
      files: files === undefined ? [] : [files.up, files.down],
      applied: applied.map(({ id }) => id),
      recorded,
    };
  });
}

/** Verifies a schema that has a history, and creates its missing tables. New files and models need `migrate`. */
async function keepSchema(
  { connection, target, models, directory }: SchemaSource,
): Promise<SchemaReport & HistorySteps> {
  const folder = await readValidFolder(target, directory, "empty");
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
    const differences = unknown.map(({ table }) => `${table} has no migration`);
    throw new SchemaError(
      [
        `Some models have no migration. Run ${
          commandHint("make_migrations")
        }, then ${commandHint("migrate")}:`,
        ...differences.map((difference) => `  ${difference}`),
      ],
      { differences },
    );
  }
  return { ...await connection.createDb({ verify: true }), ...NO_STEPS };
}
