import { MigrationError, SchemaError } from "../../base/errors/mod.ts";
import type {
  MigrationSession,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { intentOf } from "../make/answers.ts";
import { provenFiles } from "../make/proven_files.ts";
import {
  type Folder,
  type MigrationFiles,
  readGoodFolder,
} from "../folder/folder.ts";
import { schemaOf, startsAfter } from "../history/history.ts";
import { locked } from "./under_lock.ts";
import { upJob } from "./migrate.ts";
import { newId } from "../folder/file_name.ts";
import { assertSpelt } from "../report/option_names.ts";
import type { BaselineOptions, Migratable } from "../report/options.ts";
import type {
  BaselineReport,
  RanMigration,
  WrittenFiles,
} from "../report/reports.ts";
import { recordAsThere } from "./baseline_record.ts";
import { runJob } from "./job.ts";
import { writeFiles } from "../folder/write_files.ts";

/**
 * Begins the history of a database that has none. Where the folder holds no
 * files, it writes a first one, which makes all models from nothing. Where the
 * models' tables are there, as the models say, the files are recorded as
 * applied; where none is, the first file is applied. Where there is a history,
 * it does nothing: of two at once, one begins it. A part of what `dbp initdb`
 * does; `rollback` takes a baseline back only where `baseline` says so, and
 * `stamp` with `unstamp` takes away one that was recorded.
 *
 * @throws {SchemaError} where the tables are not what the models say
 * @throws {MigrationError} where the database holds nothing and the folder has
 * files, which `migrate` applies
 */
export async function baseline(
  db: Migratable,
  options: BaselineOptions = {},
): Promise<BaselineReport> {
  assertSpelt("baseline", options);
  const target = db.migrations();
  return await locked(target, options, async (session, history) => {
    if (history.length > 0) {
      return { files: undefined, recorded: [], applied: [] };
    }
    const folder = await readGoodFolder(target, options.directory, "empty");
    const empty = await target.isEmpty();
    await assertFits(target, folder, empty);
    const files = folder.migrations.length === 0
      ? await firstFiles(target, session, folder, options)
      : undefined;
    const { migrations } = files === undefined
      ? folder
      : await readGoodFolder(target, options.directory);
    const next = startsAfter(history);
    if (!empty) {
      const recorded = await recordAll(session, migrations, next);
      return { files, recorded, applied: [] };
    }
    const applied: RanMigration[] = [];
    for (const migration of migrations) {
      const parts = { files: migration, record: undefined };
      const job = upJob(parts, next(), "baseline");
      applied.push(await runJob(session, job, options));
    }
    return { files, recorded: [], applied };
  });
}

async function firstFiles(
  target: MigrationTarget,
  session: MigrationSession,
  folder: Folder,
  { name = "baseline", now = new Date() }: BaselineOptions,
): Promise<WrittenFiles> {
  const options = { intent: intentOf({}), managed: [], empty: true };
  const plan = await target.plan(options);
  if (plan.up.steps.length === 0 && plan.refused.length === 0) {
    throw new MigrationError(
      "There is nothing to begin a history with: the connection has no models",
    );
  }
  const place = { folder: folder.path, id: newId(now, name, []) };
  const files = await provenFiles(target, plan, place, options);
  // Files without a history would be left by who may not make one.
  await session.makeHistory();
  await writeFiles(folder.path, files, folder.ids);
  return files;
}

async function recordAll(
  session: MigrationSession,
  migrations: readonly MigrationFiles[],
  next: () => Date,
): Promise<readonly string[]> {
  const state = await schemaOf(session);
  for (const migration of migrations) {
    await session.record(recordAsThere(migration, next(), state));
  }
  return migrations.map(({ id }) => id);
}

async function assertFits(
  target: MigrationTarget,
  { migrations, path }: Folder,
  empty: boolean,
): Promise<void> {
  if (empty && migrations.length > 0) {
    throw new MigrationError(
      `${target.place} holds none of the models' tables, and ${path} has files: \`dbp migrate\` applies them`,
    );
  }
  if (empty) return;
  const { changes: differences } = await target.differences([]);
  if (differences.length === 0) return;
  throw new SchemaError(
    `Cannot record what is in ${target.place} as migrated: it is not what the models say:\n  ${
      differences.join("\n  ")
    }`,
    { differences },
  );
}
