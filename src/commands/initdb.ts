import type { Connection } from "../connection/connection.ts";
import type { SchemaReport } from "../engine.ts";
import { MigrationError, SchemaError } from "../errors.ts";
import { readGoodFolder } from "../migrate/folder.ts";
import { baseline, migrate, status } from "../migrate/mod.ts";
import type { MigrationTarget } from "../migration.ts";
import type { AnyModel } from "../model/types.ts";
import { interruptible } from "./interruption.ts";
import type { InitdbCommand } from "./parser/initdb.ts";
import type { Person } from "./person.ts";
import { counted, type Report } from "./report.ts";
import { findTarget } from "./target.ts";

/** What `initdb` found and did. */
export interface InitdbReport extends SchemaReport {
  /** The settings file. */
  readonly path: string;
  /** Whether the database itself had to be made. */
  readonly databaseCreated: boolean;
  /** Files of a first migration that were written, up and down. */
  readonly files: readonly string[];
  /** Migrations that were applied. */
  readonly applied: readonly string[];
  /** Migrations that were recorded as applied, because what they make is there. */
  readonly recorded: readonly string[];
  /** Migrations that are left for `migrate`. */
  readonly pending: readonly string[];
}

/** What is done about migrations. */
type Steps = Pick<InitdbReport, "files" | "applied" | "recorded" | "pending">;

/** A database whose schema is to be made. */
interface Place {
  readonly connection: Connection;
  readonly target: MigrationTarget;
  readonly models: readonly AnyModel[];
  /** The folder of migrations. */
  readonly directory: string;
}

/** How often another one may get in the way. */
const TRIES = 3;
const NOTHING: Steps = { files: [], applied: [], recorded: [], pending: [] };

/**
 * Makes the schema that the settings' models describe, and its history. Tables
 * that are there must be what the models say; else nothing is changed.
 *
 * @throws {SchemaError} with every difference
 */
export async function runInitdb(
  { createDatabase, migrations: directory, ...settings }: InitdbCommand,
  person: Person,
): Promise<Report> {
  const { path, source, entry, engine, models, open } = await findTarget(
    settings,
  );
  // An engine that makes its database as it opens it has nothing to do here.
  const databaseCreated = createDatabase &&
    engine.createDatabase !== undefined &&
    await engine.createDatabase(entry, source);
  await using connection = await open();
  const target = targetOf(connection);
  const made = target === undefined
    ? { ...await connection.createDb({ verify: true }), ...NOTHING }
    : await makeSchema({ connection, target, models, directory }, person);
  const report = { path, databaseCreated, ...made };
  return { data: report, lines: linesOf(report) };
}

async function makeSchema(
  place: Place,
  person: Person,
): Promise<SchemaReport & Steps> {
  const { connection, target } = place;
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
      if (tries === TRIES || !await isBegun(place)) throw error;
    }
  }
}

/** Makes what the models describe where nothing of it is there. */
async function makeAll(
  place: Place,
  person: Person,
): Promise<SchemaReport & Steps> {
  const steps = await startHistory(place, person);
  const report = await place.connection.createDb({ verify: true });
  // Of two at once, one makes the tables.
  if (steps.applied.length === 0) return { ...report, ...steps };
  const created = place.models.map(({ table }) => table);
  return { ...report, created, present: [], ...steps };
}

/** Whether there is a history that no failure ended, or there are files: both were missing before. */
async function isBegun({ target, directory }: Place): Promise<boolean> {
  const history = await target.history();
  if (history.length > 0) {
    return history.every(({ state }) => state !== "failed");
  }
  const folder = await readGoodFolder(target.dialect, directory, "empty");
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
): Promise<Steps> {
  return await interruptible(async (signal) => {
    const options = { directory, signal, onProgress: tell };
    const folder = await readGoodFolder(target.dialect, directory, "empty");
    if (folder.migrations.length > 0 && await target.isEmpty()) {
      const { applied } = await migrate(connection, options);
      return { ...NOTHING, applied: applied.map(({ id }) => id) };
    }
    const { files, applied, recorded } = await baseline(connection, options);
    return {
      ...NOTHING,
      files: files === undefined ? [] : [files.up, files.down],
      applied: applied.map(({ id }) => id),
      recorded,
    };
  });
}

/** Proves a schema that has a history, and makes again what is gone from it. What is new in files or models comes by migrations. */
async function keepSchema(
  { connection, target, models, directory }: Place,
): Promise<SchemaReport & Steps> {
  const folder = await readGoodFolder(target.dialect, directory, "empty");
  const pending = folder.migrations.length === 0
    ? []
    : (await status(connection, { directory })).pending.map(({ id }) => id);
  if (pending.length > 0) {
    return { created: [], present: [], ...NOTHING, pending };
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
  return { ...await connection.createDb({ verify: true }), ...NOTHING };
}

/** What the engine does for migrations; undefined where it has none. */
function targetOf(connection: Connection): MigrationTarget | undefined {
  try {
    return connection.migrations();
  } catch (error) {
    if (error instanceof MigrationError) return undefined;
    throw error;
  }
}

function linesOf(
  { path, databaseCreated, created, present, notes = [], ...steps }:
    InitdbReport,
): string[] {
  const lines = [
    ...(databaseCreated ? ["Made the database"] : []),
    ...notes,
    ...stepLines(steps),
  ];
  if (steps.pending.length > 0) {
    return [
      ...lines,
      `Nothing was done: ${
        counted(steps.pending.length, "migration")
      } pending, which \`dbp migrate\` applies: ${
        steps.pending.join(", ")
      } (credentials from ${path})`,
    ];
  }
  if (created.length === 0) {
    return [
      ...lines,
      `Nothing ${
        lines.length > 0 ? "else " : ""
      }to do: every table of the models is there, as the models say (credentials from ${path})`,
    ];
  }
  if (present.length > 0) {
    lines.push(
      `Kept ${counted(present.length, "table")}; made ${created.join(", ")}`,
    );
  }
  return [...lines, `Database created with credentials from ${path}`];
}

function stepLines({ files, applied, recorded }: Steps): string[] {
  return [
    ...files.map((file) => `Wrote ${file}`),
    ...(applied.length === 0 ? [] : [`Applied ${applied.join(", ")}`]),
    ...(recorded.length === 0
      ? []
      : [`Recorded as applied: ${recorded.join(", ")}`]),
  ];
}
