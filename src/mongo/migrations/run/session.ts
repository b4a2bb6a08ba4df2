import type { Db } from "mongodb";
import {
  ConnectionError,
  SerializationError,
} from "../../../base/errors/mod.ts";
import { hostName } from "../../../base/host_name.ts";
import type {
  LockOptions,
  MigrationSession,
  Script,
} from "../../../engine/migrations/mod.ts";
import { stepOf } from "../../../migrations/history/next_step.ts";
import { FORMAT } from "../../../migrations/history/record.ts";
import { stopped } from "../../../migrations/history/stopped.ts";
import type { AnyModel } from "../../../model/types.ts";
import { jittered, pause } from "../../../base/pause.ts";
import type { MongoDriver } from "../../link/link.ts";
import { apply } from "./apply.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import { type History, historyUnder, readHistory } from "../history/history.ts";
import { type Lease, type LeaseTimes, takeLease } from "../history/lease.ts";
import { fingerprintNow, managedNow } from "../compare/managed_now.ts";
import { serverOf, userOf, versionOf } from "./server_version.ts";
import { stoppable } from "./stoppable_command.ts";

/** What a session works with. */
interface Work {
  readonly driver: MongoDriver;
  readonly db: Db;
  readonly models: readonly AnyModel[];
  readonly lease: Lease;
  readonly history: History;
  readonly options: LockOptions;
  readonly version: string;
}

/** How often a step is tried, and milliseconds before the second time, doubled each time. */
const TRIES = 6;
const WAIT = 400;
/** The server's codes of what passes: an index is being built, or a drop of it is under way, or another server goes on. */
const PASSING: readonly unknown[] = [
  CODE.cursorNotFound,
  CODE.conflictingOperation,
  CODE.backgroundOperation,
  CODE.indexBuildAborted,
];

/** The server's codes of what is not there, which a step that was begun may have taken away. */
const MISSING: readonly unknown[] = [
  CODE.namespaceNotFound,
  CODE.indexNotFound,
];

/**
 * Takes the lease, and the history with it.
 *
 * @throws {LockError} with the holder, when the wait is over
 */
export async function openSession(
  driver: MongoDriver,
  db: Db,
  place: string,
  models: readonly AnyModel[],
  options: LockOptions,
  times: LeaseTimes,
): Promise<MigrationSession> {
  const lease = await takeLease(db, place, options, times);
  try {
    const work: Work = {
      driver,
      db,
      models,
      lease,
      options,
      history: await historyUnder(driver, db, lease),
      version: await versionOf(db),
    };
    return sessionOn(work, await userOf(db));
  } catch (error) {
    await lease.release();
    throw error;
  }
}

function sessionOn(work: Work, user: string): MigrationSession {
  const { driver, db, models, lease, history, options, version } = work;
  const held = <T>(doing: () => Promise<T>): Promise<T> =>
    lease.within(driver.mapErrors(doing));
  return {
    history: () => held(() => readHistory(db)),
    server: () => Promise.resolve(serverOf(version)),
    makeHistory: () => held(() => history.make()),
    record: (record) =>
      held(() =>
        history.write({
          ...record,
          user,
          host: hostName(),
          toolVersion: options.toolVersion,
          serverVersion: version,
          format: FORMAT,
        })
      ),
    run: (id, script, place) => held(() => runStep(work, id, script, place)),
    fingerprint: () =>
      held(async () =>
        fingerprintNow(db, models, await readHistory(db), false)
      ),
    managed: () => held(() => managedNow(db, models)),
    release: () => lease.release(),
  };
}

async function runStep(
  work: Work,
  id: string,
  script: Script,
  place: number,
): Promise<void> {
  const { driver, db, models, lease, history, options } = work;
  const { signal, onEvent } = options;
  const step = stepOf(id, script, place);
  const began = performance.now();
  const unchecked = script.ignored.some(({ rule }) => rule === "offenders");
  let told = 0;
  const tell = (rows: number): void => {
    if (rows === told) return;
    told = rows;
    const milliseconds = performance.now() - began;
    onEvent({ kind: "progress", id, step: place + 1, rows, milliseconds });
  };
  let begun = await history.begin(id, place, step.hash);
  for (let attempt = 1;; attempt++) {
    try {
      await driver.mapErrors(() =>
        stoppable(db, signal, async (session) => {
          await lease.check();
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
              tell(rows);
              if (signal?.aborted) throw stopped(signal);
            },
          }, step);
        })
      );
      break;
    } catch (error) {
      // What is not there was not taken away by this step, unless it was begun before.
      if (!begun && MISSING.includes(serverCode(error))) {
        await history.refused(id, place);
      }
      if (!passes(error) || attempt === TRIES) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      onEvent({ kind: "retry", id, step: place + 1, attempt, reason });
      begun = true;
    }
    await pause(jittered(WAIT * 2 ** (attempt - 1)), signal);
    if (signal?.aborted) throw stopped(signal);
  }
  await history.done(id, place);
}

/** Whether it may be otherwise in a moment. */
function passes(error: unknown): boolean {
  return error instanceof SerializationError ||
    error instanceof ConnectionError || PASSING.includes(serverCode(error));
}
