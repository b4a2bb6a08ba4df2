import type { Db } from "mongodb";
import {
  ConnectionError,
  DatabaseError,
  messageOf,
  MigrationError,
  SerializationError,
  withOutcome,
} from "../../../base/errors/mod.ts";
import { hostName } from "../../../base/host_name.ts";
import type {
  LockOptions,
  MigrationSession,
  Script,
  Step,
} from "../../../engine/migrations/mod.ts";
import { stepAt } from "../../../migrations/history/next_step.ts";
import { FORMAT } from "../../../migrations/history/record.ts";
import { stoppedError } from "../../../migrations/history/stopped.ts";
import type { AnyModel } from "../../../model/types.ts";
import { backoff, retry } from "../../../base/retry.ts";
import type { MongoDriver } from "../../link/link.ts";
import { subjectOf } from "../file/command.ts";
import { withoutCommandValues } from "../file/without_command_values.ts";
import { commandsOf } from "../file/step_commands.ts";
import { apply } from "./apply.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import { isSelectionFailure } from "../../link/mongo_error.ts";
import { type History, historyUnder, readHistory } from "../history/history.ts";
import { acquireLease, type Lease, type LeaseTimes } from "../history/lease.ts";
import { fingerprintNow } from "../compare/fingerprint_now.ts";
import { managedNow } from "../compare/managed_now.ts";
import { createServerWatch, type ServerWatch } from "./server_watch.ts";
import { serverOf, userOf, versionOf } from "./server_version.ts";
import { stoppable } from "./stoppable_command.ts";

/** What a session works with. */
interface SessionContext {
  readonly driver: MongoDriver;
  readonly db: Db;
  readonly models: readonly AnyModel[];
  readonly lease: Lease;
  readonly watch: ServerWatch;
  readonly history: History;
  readonly options: LockOptions;
  readonly version: string;
}

/** Attempts of a step. */
const ATTEMPTS = 6;
/** Milliseconds before the second attempt; each further pause is twice as long. */
const FIRST_PAUSE = 400;
/** Server codes of transient errors: an index build or drop is in progress, or another server took over. */
const TRANSIENT: readonly unknown[] = [
  CODE.cursorNotFound,
  CODE.conflictingOperation,
  CODE.backgroundOperation,
  CODE.indexBuildAborted,
];

/** The commands that have either their whole effect or none. */
const WHOLE = [
  ...["create", "createIndexes", "collMod", "drop", "dropIndexes"],
  "renameCollection",
];

/**
 * Acquires the lease, and opens the history under it.
 *
 * @throws {LockError} naming the holder, after `wait` milliseconds
 */
export async function openSession(
  driver: MongoDriver,
  db: Db,
  place: string,
  models: readonly AnyModel[],
  options: LockOptions,
  times: LeaseTimes,
): Promise<MigrationSession> {
  const watch = createServerWatch(db, place, options);
  const lease = await watch.within(() =>
    acquireLease(db, place, options, times)
  );
  try {
    return await watch.within(async () => {
      const context: SessionContext = {
        driver,
        db,
        models,
        lease,
        watch,
        options,
        history: await historyUnder(driver, db, lease),
        version: await versionOf(db),
      };
      return sessionOn(context, await userOf(db));
    });
  } catch (error) {
    const released = lease.release();
    if (!watch.isLost) await released;
    throw error;
  }
}

function sessionOn(context: SessionContext, user: string): MigrationSession {
  const { driver, db, models, lease, watch, history, options, version } =
    context;
  const underLease = <T>(work: () => Promise<T>): Promise<T> =>
    watch.within(() => lease.within(driver.mapErrors(work)));
  return {
    history: () => underLease(() => readHistory(db)),
    server: () => Promise.resolve(serverOf(version)),
    createHistory: () => underLease(() => history.create()),
    record: (record) =>
      underLease(() =>
        history.write({
          ...record,
          user,
          host: hostName(),
          toolVersion: options.toolVersion,
          serverVersion: version,
          format: FORMAT,
        })
      ),
    async run(id, script, index) {
      const progress: StepProgress = { isSent: false, isRefused: false };
      try {
        await underLease(() => runStep(context, id, script, index, progress));
      } catch (error) {
        throw withOutcome(
          error,
          progress.isSent && !progress.isRefused ? "unknown" : "not applied",
        );
      }
    },
    fingerprint: () =>
      underLease(async () =>
        fingerprintNow(db, models, await readHistory(db), false)
      ),
    managed: () => underLease(() => managedNow(db, models)),
    async release() {
      const released = lease.release();
      if (!watch.isLost) await released;
    },
  };
}

/** How far a step ran before it failed. */
interface StepProgress {
  /** Whether a command of it may have been sent. */
  isSent: boolean;
  /** Whether the server refused it as a whole. */
  isRefused: boolean;
}

async function runStep(
  context: SessionContext,
  id: string,
  script: Script,
  index: number,
  progress: StepProgress,
): Promise<void> {
  const { driver, db, models, lease, watch, history, options } = context;
  const { signal, onEvent } = options;
  const step = stepAt(id, script, index);
  const began = performance.now();
  const unchecked = script.ignored.some(({ rule }) => rule === "offenders");
  let reported = 0;
  const report = (rows: number): void => {
    if (rows === reported) return;
    reported = rows;
    const milliseconds = performance.now() - began;
    onEvent({ kind: "progress", id, step: index + 1, rows, milliseconds });
  };
  let begun = await history.begin(id, index, step.hash);
  const runOnce = (): Promise<void> =>
    stoppable(db, signal, async (session) => {
      await lease.check();
      watch.session = session;
      progress.isSent = true;
      await apply({
        driver,
        db,
        session,
        prefix: "",
        models,
        begun,
        unchecked,
        async between(rows) {
          await lease.check();
          report(rows);
          if (signal?.aborted) throw stoppedError(signal);
        },
      }, step);
    });
  await withoutValues(step, () =>
    retry(async () => {
      if (signal?.aborted) throw stoppedError(signal);
      await driver.mapErrors(runOnce);
    }, {
      attempts: ATTEMPTS,
      async isRetryable(error) {
        if (isTransient(error)) return true;
        if (!begun && !signal?.aborted && changesNothing(step, error)) {
          // Rules that documents break only warn from then on.
          progress.isRefused = serverCode(error) !== undefined ||
            commandsOf(step).every((command) =>
              subjectOf(command).name !== "collMod"
            );
          await history.refused(id, index);
        }
        return false;
      },
      onRetry(error, attempt) {
        const reason = withoutCommandValues(
          messageOf(error),
          commandsOf(step),
        );
        onEvent({ kind: "retry", id, step: index + 1, attempt, reason });
        begun = true;
      },
      wait: backoff(FIRST_PAUSE),
      signal,
    }));
  watch.session = undefined;
  await history.done(id, index);
}

/** Runs the commands of a step. The server's messages may repeat their values, which may be secrets. */
async function withoutValues(
  step: Step,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const message = withoutCommandValues(error.message, commandsOf(step));
    throw message === error.message
      ? error
      : new DatabaseError(message, { cause: error.cause, code: error.code });
  }
}

/** Server codes of commands that took effect on the primary. */
const UNCONFIRMED: readonly unknown[] = [
  CODE.writeConcernFailed,
  CODE.unsatisfiableWriteConcern,
];

/** Returns whether a failed step has had no effect: the server refused a command that takes effect as a whole, or its documents were counted first. */
function changesNothing(step: Step, error: unknown): boolean {
  const code = serverCode(error);
  return (code !== undefined || error instanceof MigrationError) &&
    !UNCONFIRMED.includes(code) &&
    commandsOf(step).every((command) =>
      WHOLE.includes(subjectOf(command).name)
    );
}

/** Returns whether the same step may succeed in a moment. */
function isTransient(error: unknown): boolean {
  return error instanceof SerializationError ||
    error instanceof ConnectionError && !isSelectionFailure(error) ||
    TRANSIENT.includes(serverCode(error));
}
