import { beforeWrites, MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import {
  isApplied,
  isStamped,
  readHistory,
  schemaState,
  startTimes,
} from "../history/history.ts";
import { commandOf } from "../history/partial_run.ts";
import { withLock } from "./with_lock.ts";
import { resolveId } from "../folder/migration_id.ts";
import type { StampOptions } from "../report/options.ts";
import { newRecord } from "./baseline_record.ts";
import type { StampReport } from "../report/reports.ts";

/**
 * Removes a stamp: the migration is pending again, as after a rollback. The
 * schema stays unchanged.
 *
 * @throws {MigrationError} if the migration was run, or does not exist
 */
export async function unstamp(
  target: MigrationTarget,
  options: StampOptions & { readonly unstamp: string },
): Promise<StampReport> {
  if (options.to !== undefined) {
    throw new MigrationError(
      `--to and --remove cannot be combined: one records migrations, the other removes such a record`,
      { exitCode: EXIT.usage },
    );
  }
  if (options.dryRun) {
    return reportOf(stampedRecord(await readHistory(target), options.unstamp));
  }
  return await withLock(target, options, async (session, history) => {
    const record = stampedRecord(history, options.unstamp);
    const at = startTimes(history)();
    const { fingerprint } = await beforeWrites(schemaState(session));
    await session.record({
      ...newRecord(record),
      // A later application is not a baseline.
      kind: "migrate",
      state: "reverted",
      direction: "down",
      stepsDone: 0,
      fingerprint,
      startedAt: at,
      finishedAt: at,
      milliseconds: 0,
    });
    return reportOf(record);
  });
}

function stampedRecord(
  history: readonly HistoryRecord[],
  given: string,
): HistoryRecord {
  const applied = history.filter(isApplied);
  const id = resolveId(given, applied.map(({ id }) => id), "applied migration");
  const record = applied.find((record) => record.id === id);
  if (record !== undefined && isStamped(record)) return record;
  throw new MigrationError(
    `Cannot remove the stamp of ${id}: it was run, not stamped. Roll it back with ${
      commandOf("down")
    }`,
  );
}

function reportOf({ id }: HistoryRecord): StampReport {
  return { stamped: [], accepted: [], removed: [id] };
}
