import meta from "../../../deno.json" with { type: "json" };
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationSession,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { historyOf } from "../history/history.ts";
import { LOCK_WAIT, type RunOptions } from "../report/options.ts";

/**
 * Does something as the only one who changes the schema.
 *
 * @param work is given the history as it is under the lock
 * @throws {LockError} with the holder, where the lock is not had in time
 */
export async function locked<T>(
  target: MigrationTarget,
  options: Pick<RunOptions, "lockWait" | "signal" | "onProgress">,
  work: (
    session: MigrationSession,
    history: readonly HistoryRecord[],
  ) => Promise<T>,
): Promise<T> {
  const { lockWait = LOCK_WAIT, signal, onProgress = () => {} } = options;
  if (!(lockWait >= 0)) {
    throw new MigrationError(
      `Cannot wait ${lockWait} ms for the lock: milliseconds are 0 or more`,
      { exitCode: EXIT.usage },
    );
  }
  const session = await target.lock({
    wait: lockWait,
    signal,
    onEvent: onProgress,
    toolVersion: meta.version,
  });
  try {
    return await work(session, await historyOf(session));
  } finally {
    // A lost session has lost its lock too; how the work ended is what counts.
    await session.release().catch(() => {});
  }
}
