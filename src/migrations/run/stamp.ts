import { beforeWrites } from "../../base/errors/mod.ts";
import { editedFiles } from "../check/edited_files.ts";
import {
  type Folder,
  type MigrationFiles,
  readValidFolder,
} from "../folder/folder.ts";
import {
  isApplied,
  readHistory,
  schemaState,
  startTimes,
} from "../history/history.ts";
import { futureProblems } from "../check/future_files.ts";
import { lintFile } from "../check/lint.ts";
import { recordAll } from "./record_all.ts";
import { asMigration, withLock } from "./with_lock.ts";
import { resolveId } from "../folder/migration_id.ts";
import type {
  HistoryRecord,
  MigrationDialect,
} from "../../engine/migrations/mod.ts";
import { assertOptionNames } from "../report/option_names.ts";
import type { Migratable, StampOptions } from "../report/options.ts";
import type { StampReport } from "../report/reports.ts";
import { assertNoProblems } from "../report/problem.ts";
import { baselineRecord, fileFields, newRecord } from "./baseline_record.ts";
import { unstamp } from "./unstamp.ts";

/** What a stamp records. */
interface Stamping {
  /** Files to record as applied. */
  readonly added: readonly MigrationFiles[];
  /** Applied files that were edited, with their records. */
  readonly edited: readonly {
    readonly files: MigrationFiles;
    readonly record: HistoryRecord;
  }[];
}

/**
 * Records migrations as applied without running them, all or those up to `to`:
 * for changes that were made manually. Accepts edited files of applied
 * migrations. With `unstamp`, removes such a record.
 *
 * @throws {MigrationError} if the migration to remove was not stamped
 * @throws {LockError} if another process holds the lock for too long
 */
export async function stamp(
  db: Migratable,
  options: StampOptions = {},
): Promise<StampReport> {
  return await asMigration(() => run(db, options), options);
}

async function run(
  db: Migratable,
  options: StampOptions,
): Promise<StampReport> {
  assertOptionNames("stamp", options);
  const target = db.migrations();
  if (options.unstamp !== undefined) {
    return await unstamp(target, {
      ...options,
      unstamp: options.unstamp,
    });
  }
  const folder = await readValidFolder(target, options.directory);
  const { dialect } = target;
  if (options.dryRun) {
    return reportOf(
      folder,
      stampingOf(dialect, folder, await readHistory(target), options),
    );
  }
  return await withLock(target, options, async (session, history) => {
    const stamping = stampingOf(dialect, folder, history, options);
    const next = startTimes(history);
    const state = await beforeWrites(schemaState(session));
    await recordAll(session, [
      ...stamping.added.map((files) => baselineRecord(files, next(), state)),
      ...stamping.edited.map(({ files, record }) => ({
        ...newRecord(record),
        ...fileFields(files),
      })),
    ]);
    return reportOf(folder, stamping);
  });
}

/** @throws {MigrationError} with exit code 6, if an accepted down migration breaks a lint rule */
function stampingOf(
  dialect: MigrationDialect,
  { migrations, ids }: Folder,
  history: readonly HistoryRecord[],
  { to }: StampOptions,
): Stamping {
  assertNoProblems(futureProblems({ migrations }, history));
  const last = to === undefined ? undefined : resolveId(to, ids, "migration");
  const applied = new Map(
    history.filter(isApplied).map((record) => [record.id, record]),
  );
  const chosen = migrations.filter(({ id }) =>
    last === undefined || id <= last
  );
  const edited = chosen.flatMap((files) => {
    const record = applied.get(files.id);
    return record === undefined || editedFiles(files, record).length === 0
      ? []
      : [{ files, record }];
  });
  assertNoProblems(
    edited.flatMap(({ files: { down }, record }) =>
      down === undefined || down.script.checksum === record.downChecksum
        ? []
        : lintFile(dialect, down, "down")
    ),
  );
  return { added: chosen.filter(({ id }) => !applied.has(id)), edited };
}

function reportOf(
  { path, ids }: Folder,
  { added, edited }: Stamping,
): StampReport {
  return {
    folder: path,
    files: ids.length,
    stamped: added.map(({ id }) => id),
    accepted: edited.map(({ files: { id } }) => id),
    removed: [],
  };
}
