import { editedIn } from "../check/edited_files.ts";
import {
  type Folder,
  type MigrationFiles,
  readGoodFolder,
} from "../folder/folder.ts";
import {
  historyOf,
  isApplied,
  schemaOf,
  startsAfter,
} from "../history/history.ts";
import { lintFile } from "../check/lint.ts";
import { locked } from "./under_lock.ts";
import { meant } from "../folder/file_name.ts";
import type {
  HistoryRecord,
  MigrationDialect,
} from "../../engine/migrations/mod.ts";
import { assertSpelt } from "../report/option_names.ts";
import type { Migratable, StampOptions } from "../report/options.ts";
import type { StampReport } from "../report/reports.ts";
import { assertNone } from "../report/problem.ts";
import { asFilesSay, newly, recordAsThere } from "./baseline_record.ts";
import { unstamp } from "./unstamp.ts";

/** What a stamp does. */
interface Stamping {
  /** Files to record as applied. */
  readonly news: readonly MigrationFiles[];
  /** Files that were changed after they were applied, with what the history has. */
  readonly edited: readonly {
    readonly files: MigrationFiles;
    readonly record: HistoryRecord;
  }[];
}

/**
 * Records files as applied without running them, all or those up to `to`: for
 * what was done by hand. Files that were changed after they were applied are
 * recorded as they are now. With `unstamp`, takes back such a record.
 *
 * @throws {MigrationError} where what is to be removed was not stamped
 * @throws {LockError} where another process has the lock too long
 */
export async function stamp(
  db: Migratable,
  options: StampOptions = {},
): Promise<StampReport> {
  assertSpelt("stamp", options);
  const target = db.migrations();
  if (options.unstamp !== undefined) {
    return await unstamp(target, {
      ...options,
      unstamp: options.unstamp,
    });
  }
  const folder = await readGoodFolder(target, options.directory);
  const { dialect } = target;
  if (options.dryRun) {
    return reportOf(
      folder,
      stamping(dialect, folder, await historyOf(target), options),
    );
  }
  return await locked(target, options, async (session, history) => {
    const todo = stamping(dialect, folder, history, options);
    const next = startsAfter(history);
    const state = await schemaOf(session);
    for (const files of todo.news) {
      await session.record(recordAsThere(files, next(), state));
    }
    for (const { files, record } of todo.edited) {
      await session.record({ ...newly(record), ...asFilesSay(files) });
    }
    return reportOf(folder, todo);
  });
}

/** @throws {MigrationError} with exit code 6, where a way back that is accepted breaks a rule */
function stamping(
  dialect: MigrationDialect,
  { migrations, ids }: Folder,
  history: readonly HistoryRecord[],
  { to }: StampOptions,
): Stamping {
  const last = to === undefined ? undefined : meant(to, ids, "migration");
  const applied = new Map(
    history.filter(isApplied).map((record) => [record.id, record]),
  );
  const chosen = migrations.filter(({ id }) =>
    last === undefined || id <= last
  );
  const edited = chosen.flatMap((files) => {
    const record = applied.get(files.id);
    return record === undefined || editedIn(files, record).length === 0
      ? []
      : [{ files, record }];
  });
  assertNone(
    edited.flatMap(({ files: { down }, record }) =>
      down === undefined || down.script.checksum === record.downChecksum
        ? []
        : lintFile(dialect, down, "down")
    ),
  );
  return { news: chosen.filter(({ id }) => !applied.has(id)), edited };
}

function reportOf(
  { path, ids }: Folder,
  { news, edited }: Stamping,
): StampReport {
  return {
    folder: path,
    files: ids.length,
    stamped: news.map(({ id }) => id),
    accepted: edited.map(({ files: { id } }) => id),
    removed: [],
  };
}
