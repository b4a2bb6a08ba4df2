import type {
  HistoryRecord,
  MigrationRun,
  MigrationSession,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { FORMAT } from "./record.ts";
import { newerFormatError } from "./stored_record.ts";
import type { Migratable } from "../report/options.ts";

/**
 * Returns the record of every migration that was ever run or recorded, in the
 * order of the last runs.
 *
 * @throws {MigrationError} with exit code 4 if a newer version of this package
 * wrote the history
 */
export async function history(
  db: Migratable,
): Promise<readonly HistoryRecord[]> {
  return await readHistory(db.migrations());
}

/** Returns the {@link history} of a target, or of a session, which reads it under the lock. */
export async function readHistory(
  source: Pick<MigrationTarget, "history">,
): Promise<readonly HistoryRecord[]> {
  const records = await source.history();
  const newer = records.find(({ format }) => format > FORMAT);
  if (newer !== undefined) throw newerFormatError(newer);
  return records.toSorted(byTime);
}

type TimedRun = Pick<HistoryRecord, "id" | "startedAt">;

function byTime(one: TimedRun, other: TimedRun): number {
  return one.startedAt.getTime() - other.startedAt.getTime() ||
    (one.id < other.id ? -1 : 1);
}

/** A run and its migration. */
export interface OwnRun extends MigrationRun {
  readonly id: string;
  /** Whether a later run of the same migration exists. */
  readonly isFormer: boolean;
}

/** Returns every run of some migrations, oldest first. */
export function allRuns(history: readonly HistoryRecord[]): readonly OwnRun[] {
  return history.flatMap(({ id, former, ...last }) => [
    ...former.map((run) => ({ ...run, id, isFormer: true })),
    { ...last, id, isFormer: false },
  ]).toSorted(byTime);
}

/** Returns whether a migration is completely applied; a rollback without a completed step does not change that. */
export function isApplied(
  record: HistoryRecord,
): boolean {
  const { state, direction } = record;
  return state === "applied" ||
    (state !== "reverted" && direction === "down" && !isBegun(record));
}

/** Returns whether a migration was recorded as applied without being run. */
export function isStamped(
  { kind, state, startedAt, finishedAt, milliseconds }: MigrationRun,
): boolean {
  return kind === "baseline" && state === "applied" && milliseconds === 0 &&
    finishedAt?.getTime() === startedAt.getTime();
}

/** Returns whether the stamp of a migration was removed. */
export function isUnstamped(
  { state, stepsDone, stepsTotal }: MigrationRun,
): boolean {
  return state === "reverted" && stepsDone === 0 && stepsTotal > 0;
}

/** Returns whether a run failed, is still running or was killed. */
export function isUnfinished({ state }: HistoryRecord): boolean {
  return state === "failed" || state === "running";
}

/** Returns whether a run has completed a step, or started one that may have taken effect. */
function isBegun({ stepsDone, started }: HistoryRecord): boolean {
  return stepsDone > 0 || started === true;
}

/** Returns the direction of an unfinished run that may have changed something; undefined for any other run. */
export function partialDirection(
  record: HistoryRecord,
): HistoryRecord["direction"] | undefined {
  return isUnfinished(record) && isBegun(record) ? record.direction : undefined;
}

/** Returns what a record says about the current schema. */
export async function schemaState(
  session: MigrationSession,
): Promise<Pick<HistoryRecord, "fingerprint" | "managed">> {
  return {
    fingerprint: await session.fingerprint(),
    managed: await session.managed(),
  };
}

/** Returns the end of the last run, or its start if it has not ended. */
export function runTime({ finishedAt, startedAt }: HistoryRecord): Date {
  return finishedAt ?? startedAt;
}

/** Returns the names of everything that models ever managed. */
export function managedNames(history: readonly HistoryRecord[]): string[] {
  return [...new Set(history.flatMap(({ managed }) => managed))].sort();
}

/** Returns a clock for the starts of runs: each later than every recorded start, even if the clocks of other machines are ahead. */
export function startTimes(history: readonly HistoryRecord[]): () => Date {
  let newest = Math.max(
    0,
    ...history.map(({ startedAt }) => startedAt.getTime()),
  );
  return () => {
    newest = Math.max(Date.now(), newest + 1);
    return new Date(newest);
  };
}
