import { LockError } from "../../base/errors/mod.ts";
import { hostName } from "../../base/host_name.ts";
import type {
  HistoryRecord,
  LockOptions,
  MigrationSession,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { notNextStep, stepAt } from "../history/next_step.ts";
import { FORMAT, FORMER } from "../history/record.ts";
import type { MigrationEngine } from "./engine.ts";

/** Returns a session of an engine whose lock a token holds. */
export function sessionOf(
  engine: MigrationEngine,
  target: Omit<MigrationTarget, "lock">,
  token: string,
  { toolVersion }: LockOptions,
): MigrationSession {
  const { models, history, lock, user = "" } = engine;
  const assertHeld = async (): Promise<void> => {
    if (await lock.isHeld(token)) return;
    throw new LockError(
      `Lost the migration lock at ${target.place}. No further step was run`,
    );
  };
  const recordOf = async (id: string): Promise<HistoryRecord | undefined> =>
    (await history.read()).find((record) => record.id === id);
  return {
    history: target.history,
    server: target.server,
    fingerprint: target.fingerprint,
    async managed() {
      const existing = await engine.schema();
      return models.filter((name) => existing.has(name));
    },
    createHistory: async () => await engine.createHistory?.(),
    async record(record) {
      await assertHeld();
      const stored = await recordOf(record.id);
      const { version } = await target.server();
      await history.write({
        ...record,
        former: formerRuns(stored, record.startedAt),
        user,
        host: hostName(),
        toolVersion,
        serverVersion: version,
        format: FORMAT,
      });
    },
    async run(id, script, index) {
      await assertHeld();
      const step = stepAt(id, script, index);
      const record = await recordOf(id);
      if (record?.stepsDone !== index) {
        throw notNextStep(id, index, record?.stepsDone);
      }
      await engine.run(
        step,
        () => history.write({ ...record, stepsDone: index + 1 }),
      );
    },
    release: () => lock.release(token),
  };
}

/** Returns the former runs of a record that replaces a stored one. */
function formerRuns(
  stored: HistoryRecord | undefined,
  startedAt: Date,
): HistoryRecord["former"] {
  if (stored === undefined) return [];
  const { former, ...run } = stored;
  return stored.startedAt.getTime() === startedAt.getTime()
    ? former
    : [...former, run].slice(-FORMER);
}
