import { hostName } from "../../../base/host_name.ts";
import type {
  LockOptions,
  MigrationSession,
} from "../../../engine/migrations/mod.ts";
import { stepOf } from "../../../migrations/history/next_step.ts";
import { FORMAT } from "../../../migrations/history/record.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlLink } from "../../link/link.ts";
import { makeHistory, readHistory, writeRecord } from "../history/history.ts";
import { takeLock } from "./lock.ts";
import { pinned, resetSession } from "./pinned_session.ts";
import { fingerprintNow } from "../compare/fingerprint_now.ts";
import { managedNow } from "../compare/managed_now.ts";
import { refusePooler } from "./refuse_pooler.ts";
import { serverNow } from "./server_version.ts";
import { runStep } from "./step.ts";
import { guardedTurns, type Work } from "./step_context.ts";

/**
 * Sets a session apart, pins its settings and takes the lock of a schema.
 *
 * @throws {LockError} with the holder, when the wait is over
 */
export async function openSession(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string,
  options: LockOptions,
): Promise<MigrationSession> {
  const session = await driver.reserve();
  try {
    // Settings would stay on a session that is another's next.
    await refusePooler(driver, session);
    const pins = await pinned(session, schema);
    const lock = await takeLock(driver, pins.together, schema, options);
    const turn = guardedTurns(pins.together, driver.place);
    const release = async (): Promise<void> => {
      // Where the session was lost its lock was too.
      await turn(async (link) => {
        await lock.free(link);
        // A pooler keeps the session for others.
        if (!session.shared) await resetSession(link);
      }).catch(() => {});
      await session.release();
    };
    return sessionOn(
      { driver, schema, lock, options, pinned: pins, turn },
      models,
      release,
    );
  } catch (error) {
    await session.release();
    throw error;
  }
}

function sessionOn(
  work: Work,
  models: readonly AnyModel[],
  release: () => Promise<void>,
): MigrationSession {
  const { driver, schema, options, turn } = work;
  const make = (link: SqlLink): Promise<void> =>
    makeHistory(link, schema, driver.place);
  let released: Promise<void> | undefined;
  return {
    history: () => turn((link) => readHistory(link, schema)),
    server: () => turn(serverNow),
    makeHistory: () => turn(make),
    record: (record) =>
      turn(async (link) => {
        await work.lock.check(link);
        await make(link);
        await writeRecord(link, schema, {
          ...record,
          host: hostName(),
          toolVersion: options.toolVersion,
          format: FORMAT,
        });
      }),
    async run(id, script, place) {
      const step = stepOf(id, script, place);
      await runStep(work, { id, step, place, steps: script.steps.length });
    },
    fingerprint: () =>
      turn((link) => fingerprintNow(link, models, schema, false)),
    managed: () => turn((link) => managedNow(link, models, schema)),
    release: () => released ??= release(),
  };
}
