import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import {
  historyOf,
  isApplied,
  isStamped,
  schemaOf,
  startsAfter,
} from "../history/history.ts";
import { locked } from "./under_lock.ts";
import { meant } from "../folder/file_name.ts";
import type { StampOptions } from "../report/options.ts";
import { newly } from "./baseline_record.ts";
import type { StampReport } from "../report/reports.ts";

/**
 * Takes a stamp away: the migration is pending again, as if it had been taken
 * back. The schema stays as it is.
 *
 * @throws {MigrationError} where it was run, and where there is no such migration
 */
export async function unstamp(
  target: MigrationTarget,
  options: StampOptions & { readonly unstamp: string },
): Promise<StampReport> {
  if (options.to !== undefined) {
    throw new MigrationError(
      "--to records migrations and --remove takes such a record away: give one of them",
      { exitCode: EXIT.usage },
    );
  }
  if (options.dryRun) {
    return reportOf(stamped(await historyOf(target), options.unstamp));
  }
  return await locked(target, options, async (session, history) => {
    const record = stamped(history, options.unstamp);
    const at = startsAfter(history)();
    const { fingerprint } = await schemaOf(session);
    await session.record({
      ...newly(record),
      // What comes after it is no baseline.
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

function stamped(
  history: readonly HistoryRecord[],
  given: string,
): HistoryRecord {
  const applied = history.filter(isApplied);
  const id = meant(given, applied.map(({ id }) => id), "applied migration");
  const record = applied.find((record) => record.id === id);
  if (record !== undefined && isStamped(record)) return record;
  throw new MigrationError(
    `Cannot take away the stamp of ${id}: it was run, not stamped. \`dbp rollback\` takes it back`,
  );
}

function reportOf({ id }: HistoryRecord): StampReport {
  return { stamped: [], accepted: [], removed: [id] };
}
