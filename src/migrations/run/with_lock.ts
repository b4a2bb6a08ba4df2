import meta from "../../../deno.json" with { type: "json" };
import {
  asWrite,
  beforeWrites,
  MigrationError,
} from "../../base/errors/mod.ts";
import { commandHint } from "../../base/hints.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationSession,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { readHistory } from "../history/history.ts";
import { LOCK_WAIT, type RunOptions } from "../report/options.ts";

/**
 * Does some work while it holds the migration lock.
 *
 * @param work receives the history as it is under the lock
 * @throws {LockError} naming the holder, if the lock is not free in time
 */
export async function withLock<T>(
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
      `Cannot wait ${lockWait} ms for the migration lock: the wait must be 0 or greater`,
      { exitCode: EXIT.usage },
    );
  }
  const session = await beforeWrites(target.lock({
    wait: lockWait,
    signal,
    onEvent: onProgress,
    toolVersion: meta.version,
  }));
  try {
    return await work(session, await beforeWrites(readHistory(session)));
  } finally {
    // A lost session has lost its lock; the result of the work matters.
    await session.release().catch(() => {});
  }
}

/** Runs a function that changes the schema or the history. Errors of this package that it throws have an outcome, except in a dry run. */
export async function asMigration<T>(
  run: () => Promise<T>,
  options?: { readonly dryRun?: boolean | undefined },
): Promise<T> {
  if (options?.dryRun === true) return await run();
  return await asWrite(
    run,
    `The history may be changed or not: ${commandHint("status")} shows it`,
  );
}
