import {
  beforeWrites,
  MigrationError,
  SchemaError,
} from "../../base/errors/mod.ts";
import type {
  MigrationSession,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { futureProblems } from "../check/future_files.ts";
import { intentOf } from "../make/answers.ts";
import { verifiedFiles } from "../make/verified_files.ts";
import {
  type Folder,
  type MigrationFiles,
  readValidFolder,
} from "../folder/folder.ts";
import { schemaState, startTimes } from "../history/history.ts";
import { commandOf } from "../history/partial_run.ts";
import { unlessStopped } from "../history/stopped.ts";
import { keepingEarlier, recordAll } from "./record_all.ts";
import { asMigration, withLock } from "./with_lock.ts";
import { upJob } from "./migrate.ts";
import { newId } from "../folder/file_name.ts";
import { assertOptionNames } from "../report/option_names.ts";
import { assertNoProblems } from "../report/problem.ts";
import type { BaselineOptions, Migratable } from "../report/options.ts";
import type {
  BaselineReport,
  RanMigration,
  WrittenFiles,
} from "../report/reports.ts";
import { baselineRecord } from "./baseline_record.ts";
import { runJob } from "./job.ts";
import { writeFiles } from "../folder/write_files.ts";

/**
 * Begins the history of a database; does nothing if it has one. If the folder
 * has no files, it writes the first migration, which creates all models. If the
 * models' tables exist and match the models, it records the files as applied; if
 * none exists, it applies the first migration. `dbp initdb` calls it. `rollback`
 * rolls a baseline back only with its option `baseline`; `stamp` with `unstamp`
 * removes one that was recorded.
 *
 * @throws {SchemaError} if the existing tables differ from the models
 * @throws {MigrationError} if the database is empty and the folder has files,
 * which `migrate` applies
 */
export async function baseline(
  db: Migratable,
  options: BaselineOptions = {},
): Promise<BaselineReport> {
  return await asMigration(() => run(db, options));
}

async function run(
  db: Migratable,
  options: BaselineOptions,
): Promise<BaselineReport> {
  assertOptionNames("baseline", options);
  const target = db.migrations();
  return await withLock(target, options, async (session, history) => {
    if (history.length > 0) {
      return { files: undefined, recorded: [], applied: [] };
    }
    const folder = await readValidFolder(target, options.directory, "empty");
    assertNoProblems(futureProblems(folder, history, options.now));
    const { signal } = options;
    const empty = await unlessStopped(signal, target.place, target.isEmpty());
    await unlessStopped(
      signal,
      target.place,
      assertMatching(target, folder, empty),
    );
    const files = folder.migrations.length === 0
      ? await firstFiles(target, session, folder, {
        ...options,
        adopting: !empty,
      })
      : undefined;
    const { migrations } = files === undefined
      ? folder
      : await readValidFolder(target, options.directory);
    const next = startTimes(history);
    if (!empty) {
      const recorded = await stampAll(session, migrations, next);
      return { files, recorded, applied: [] };
    }
    const applied: RanMigration[] = [];
    for (const migration of migrations) {
      const parts = { files: migration, record: undefined };
      const job = upJob(parts, next(), "baseline");
      applied.push(
        await keepingEarlier(applied, runJob(session, job, options)),
      );
    }
    return { files, recorded: [], applied };
  });
}

async function firstFiles(
  target: MigrationTarget,
  session: MigrationSession,
  folder: Folder,
  { name = "baseline", now = new Date(), signal, skipRefused, adopting }:
    & BaselineOptions
    & { readonly adopting: boolean },
): Promise<WrittenFiles> {
  const options = {
    intent: intentOf({}),
    managed: [],
    empty: true,
    adopting,
    skipRefused,
  };
  const plan = await unlessStopped(signal, target.place, target.plan(options));
  if (plan.up.steps.length === 0 && plan.refused.length === 0) {
    throw new MigrationError(
      "Cannot create a baseline: the connection has no models",
    );
  }
  const location = { folder: folder.path, id: newId(now, name, []) };
  const files = await unlessStopped(
    signal,
    target.place,
    verifiedFiles(target, plan, location, options),
  );
  // Otherwise a role that may not create a history would leave files without one.
  await session.createHistory();
  await writeFiles(folder.path, files, folder.ids);
  return files;
}

async function stampAll(
  session: MigrationSession,
  migrations: readonly MigrationFiles[],
  next: () => Date,
): Promise<readonly string[]> {
  const state = await beforeWrites(schemaState(session));
  await recordAll(
    session,
    migrations.map((migration) => baselineRecord(migration, next(), state)),
  );
  return migrations.map(({ id }) => id);
}

async function assertMatching(
  target: MigrationTarget,
  { migrations, path }: Folder,
  empty: boolean,
): Promise<void> {
  if (empty && migrations.length > 0) {
    throw new MigrationError(
      `Cannot record a baseline: ${target.place} has none of the models' tables, but ${path} has files. Apply them with ${
        commandOf("up")
      }`,
    );
  }
  if (empty) return;
  const { changes: differences } = await target.differences([], true);
  if (differences.length === 0) return;
  throw new SchemaError(
    [
      `Cannot record the schema of ${target.place} as a baseline: it differs from the models:`,
      ...differences.map((difference) => `  ${difference}`),
    ],
    { differences },
  );
}
