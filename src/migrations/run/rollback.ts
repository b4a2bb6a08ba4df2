import { MigrationError } from "../../base/errors/mod.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import { type Folder, readGoodFolder } from "../folder/folder.ts";
import { historyOf, isUnfinished, startsAfter } from "../history/history.ts";
import { locked } from "./under_lock.ts";
import { assertSpelt } from "../report/option_names.ts";
import {
  assertExtent,
  type Migratable,
  type RollbackOptions,
} from "../report/options.ts";
import type { RanMigration, RollbackReport } from "../report/reports.ts";
import { jobOf, runJob } from "./job.ts";
import { type WayBack, waysBack } from "./ways_back.ts";

/**
 * Takes back what was applied last, one migration or as many as are asked for,
 * by the files back; where a file is gone, by the copy that the history has.
 *
 * @throws {MigrationError} before anything is done, where one of them has no way back
 * @throws {LockError} where another process has the lock too long, or it is lost
 */
export async function rollback(
  db: Migratable,
  options: RollbackOptions = {},
): Promise<RollbackReport> {
  assertSpelt("rollback", options);
  assertExtent(options);
  const target = db.migrations();
  const folder = await readGoodFolder(target, options.directory);
  if (options.dryRun) {
    const history = await historyOf(target);
    const ways = await waysBack(target, folder, history, options);
    return {
      neverApplied: told(ways, folder, history, options),
      reverted: [],
      pending: ways.map(({ record: { id }, source, fromHistory }) => ({
        id,
        steps: source.script.steps.length,
        fromHistory,
        destructive: source.script.destructive,
      })),
    };
  }
  return await locked(target, options, async (session, history) => {
    const ways = await waysBack(
      { dialect: target.dialect, server: session.server },
      folder,
      history,
      options,
    );
    assertExpected(ways, options);
    const neverApplied = told(ways, folder, history, options);
    const next = startsAfter(history);
    const reverted: RanMigration[] = [];
    for (const { record, source } of ways) {
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
      });
      reverted.push(await runJob(session, job, options));
    }
    return { neverApplied, reverted, pending: [] };
  });
}

/** Files that somebody may take to be what is taken back. Who expects what is, was told of them. */
function told(
  [first]: readonly WayBack[],
  { ids }: Folder,
  history: readonly HistoryRecord[],
  { to, expect, onProgress = () => {} }: RollbackOptions,
): readonly string[] {
  if (to !== undefined || first === undefined) return [];
  const [{ id: instead }, known] = [
    first.record,
    new Map(history.map((record) => [record.id, record])),
  ];
  const never = ids.filter((id) => {
    const record = known.get(id);
    return id > instead && (record === undefined ||
      isUnfinished(record) && record.direction === "up" &&
        record.stepsDone === 0);
  });
  if (never.length > 0 && expect === undefined) {
    onProgress({ kind: "passed-over", ids: never, instead });
  }
  return never;
}

/** @throws {MigrationError} where others would be taken back than a person was told */
function assertExpected(
  ways: readonly WayBack[],
  { expect }: Pick<RollbackOptions, "expect">,
): void {
  const ids = ways.map(({ record: { id } }) => id);
  if (expect === undefined || ids.join() === expect.join()) return;
  throw new MigrationError(
    `Cannot take back ${
      expect.join(", ") || "nothing"
    }: another process was at work meanwhile, and now it would be ${
      ids.join(", ") || "nothing"
    }. Nothing was done`,
  );
}
