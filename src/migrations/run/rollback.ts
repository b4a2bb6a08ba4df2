import { MigrationError } from "../../base/errors/mod.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import { type Folder, readValidFolder } from "../folder/folder.ts";
import { isUnfinished, readHistory, startTimes } from "../history/history.ts";
import { unlessStopped } from "../history/stopped.ts";
import { keepingEarlier } from "./record_all.ts";
import { asMigration, withLock } from "./with_lock.ts";
import { assertOptionNames } from "../report/option_names.ts";
import {
  assertExtent,
  type Migratable,
  type RollbackOptions,
} from "../report/options.ts";
import type { RanMigration, RollbackReport } from "../report/reports.ts";
import { jobOf, runJob } from "./job.ts";
import { MARK_STEPS } from "./undo_source.ts";
import { type DownMigration, downMigrations } from "./down_migrations.ts";

/**
 * Rolls back the most recently applied migration, or several. Uses the down
 * files, or the copies in the history if files are missing.
 *
 * @throws {MigrationError} before anything is done, if one of them cannot be
 * rolled back
 * @throws {LockError} if another process holds the lock for too long, or it is
 * lost
 */
export async function rollback(
  db: Migratable,
  options: RollbackOptions = {},
): Promise<RollbackReport> {
  return await asMigration(() => run(db, options), options);
}

async function run(
  db: Migratable,
  options: RollbackOptions,
): Promise<RollbackReport> {
  assertOptionNames("rollback", options);
  assertExtent(options);
  const target = db.migrations();
  const { signal } = options;
  const undo = target.undo?.bind(target);
  const folder = await readValidFolder(target, options.directory);
  if (options.dryRun) {
    const history = await readHistory(target);
    const downs = await downMigrations(target, folder, history, options);
    return {
      neverApplied: reportSkipped(downs, folder, history, options),
      reverted: [],
      pending: downs.map(({ record: { id }, source, fromHistory }) => ({
        id,
        steps: source.script.steps.length,
        fromHistory,
        destructive: source.script.destructive,
      })),
    };
  }
  return await withLock(target, options, async (session, history) => {
    const downs = await downMigrations(
      {
        dialect: target.dialect,
        server: session.server,
        ...undo === undefined ? {} : {
          undo: (files) => unlessStopped(signal, target.place, undo(files)),
        },
      },
      folder,
      history,
      options,
    );
    assertExpected(downs, options);
    const neverApplied = reportSkipped(downs, folder, history, options);
    const next = startTimes(history);
    const reverted: RanMigration[] = [];
    for (const { record, source, undoes } of downs) {
      const { id, kind, upChecksum } = record;
      const job = jobOf({
        id,
        kind,
        direction: "down",
        script: source.script,
        file: source.path,
        upChecksum,
        downChecksum: source.script.checksum,
        downText: source.text,
        startedAt: next(),
        record,
        skipped: undoes ? MARK_STEPS : 0,
      });
      reverted.push(
        await keepingEarlier(reverted, runJob(session, job, options)),
      );
    }
    return { neverApplied, reverted, pending: [] };
  });
}

/** Returns and reports later files that were never applied, because a person may expect their rollback. With `expect`, a dry run has reported them before. */
function reportSkipped(
  [first]: readonly DownMigration[],
  { ids }: Folder,
  history: readonly HistoryRecord[],
  { to, expect, onProgress = () => {} }: RollbackOptions,
): readonly string[] {
  if (to !== undefined || first === undefined) return [];
  const { id: instead } = first.record;
  const records = new Map(history.map((record) => [record.id, record]));
  const skipped = ids.filter((id) => {
    const record = records.get(id);
    return id > instead && (record === undefined ||
      isUnfinished(record) && record.direction === "up" &&
        record.stepsDone === 0);
  });
  if (skipped.length > 0 && expect === undefined) {
    onProgress({ kind: "passed-over", ids: skipped, instead });
  }
  return skipped;
}

/** @throws {MigrationError} if the rollback would be another one than a dry run reported */
function assertExpected(
  downs: readonly DownMigration[],
  { expect }: Pick<RollbackOptions, "expect">,
): void {
  const ids = downs.map(({ record: { id } }) => id);
  if (expect === undefined || ids.join() === expect.join()) return;
  throw new MigrationError(
    `Cannot roll back ${
      expect.join(", ") || "nothing"
    }: another process changed the history meanwhile, and the rollback would now be of ${
      ids.join(", ") || "nothing"
    }. Nothing was rolled back`,
  );
}
