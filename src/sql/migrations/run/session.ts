import { hostName } from "../../../base/host_name.ts";
import type {
  LockOptions,
  MigrationSession,
} from "../../../engine/migrations/mod.ts";
import { stepAt } from "../../../migrations/history/next_step.ts";
import { FORMAT } from "../../../migrations/history/record.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlLink, SqlSession } from "../../link/link.ts";
import { createHistory, readHistory, writeRecord } from "../history/history.ts";
import { acquireLock } from "./lock.ts";
import { pinSession, resetSession } from "./pinned_session.ts";
import { fingerprintNow } from "../compare/fingerprint.ts";
import { managedNow } from "../compare/managed_now.ts";
import { refuseTransactionPooler } from "./refuse_pooler.ts";
import { currentServer } from "./server_version.ts";
import { runStep } from "./step.ts";
import {
  assertNotStopped,
  unlessStopped,
} from "../../../migrations/history/stopped.ts";
import { watchedSession } from "./watched_session.ts";
import {
  type GuardedSession,
  guardedSession,
  type StepContext,
} from "./step_context.ts";

/**
 * Reserves a session, fixes its settings and acquires the migration lock of a
 * schema.
 *
 * @throws {LockError} naming the holder, after `wait` milliseconds
 */
export async function openSession(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schemaName: () => Promise<string>,
  options: LockOptions,
): Promise<MigrationSession & Pick<GuardedSession, "isLost">> {
  const { signal } = options;
  assertNotStopped(signal, driver.location);
  const schema = await unlessStopped(signal, driver.location, schemaName());
  const session = watchedSession(
    await reserveSession(driver, signal),
    driver.location,
    options,
  );
  try {
    // Behind a pooler, settings would stay on a session that serves others next.
    await unlessStopped(
      signal,
      driver.location,
      refuseTransactionPooler(driver, session),
    );
    const pins = await pinSession(session, schema);
    const lock = await acquireLock(driver, pins.exclusively, schema, options);
    const { onSession, isLost } = guardedSession(
      pins.exclusively,
      driver.location,
    );
    const release = async (): Promise<void> => {
      // A lost session has lost its lock.
      await onSession(async (link) => {
        await lock.release(link);
        // A pooler may reuse the session.
        if (!session.shared) await resetSession(link);
      }).catch(() => {});
      await session.release();
    };
    const context = { driver, schema, lock, options, pinned: pins, onSession };
    return { ...sessionOn(context, models, release), isLost };
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Reserves a session, unless the signal is aborted before it is open: then it is released. */
async function reserveSession(
  driver: SqlDriver,
  signal: AbortSignal | undefined,
): Promise<SqlSession> {
  const reserving = driver.reserve();
  try {
    return await unlessStopped(signal, driver.location, reserving);
  } catch (error) {
    reserving.then((session) => session.release(), () => {});
    throw error;
  }
}

function sessionOn(
  context: StepContext,
  models: readonly AnyModel[],
  release: () => Promise<void>,
): MigrationSession {
  const { driver, schema, options, onSession } = context;
  const create = (link: SqlLink): Promise<void> =>
    createHistory(link, schema, driver.location);
  let released: Promise<void> | undefined;
  return {
    history: () => onSession((link) => readHistory(link, schema)),
    server: () => onSession(currentServer),
    createHistory: () => onSession(create),
    record: (record) =>
      onSession(async (link) => {
        await context.lock.check(link);
        await create(link);
        await writeRecord(link, schema, {
          ...record,
          host: hostName(),
          toolVersion: options.toolVersion,
          format: FORMAT,
        });
      }),
    async run(id, script, index) {
      const step = stepAt(id, script, index);
      await runStep(context, { id, step, index });
    },
    fingerprint: () =>
      onSession((link) => fingerprintNow(link, models, schema, false)),
    managed: () => onSession((link) => managedNow(link, models, schema)),
    release: () => released ??= release(),
  };
}
