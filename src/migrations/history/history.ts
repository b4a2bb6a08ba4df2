import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationRun,
  MigrationSession,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { FORMAT } from "./record.ts";
import type { Migratable } from "../report/options.ts";

/**
 * Every migration that was ever run or recorded, in the order of the last runs;
 * each has those before it as `former`.
 *
 * @throws {MigrationError} with exit code 4 where a newer version of this
 * package wrote it
 */
export async function history(
  db: Migratable,
): Promise<readonly HistoryRecord[]> {
  return await historyOf(db.migrations());
}

/** {@link history} of a target, or of a session, which reads it under the lock. */
export async function historyOf(
  source: Pick<MigrationTarget, "history">,
): Promise<readonly HistoryRecord[]> {
  const records = await source.history();
  const newer = records.find(({ format }) => format > FORMAT);
  if (newer !== undefined) {
    throw new MigrationError(
      `The history is newer than this version of dbp reads: ${newer.id} is recorded in format ${newer.format}${
        newer.toolVersion ? ` by version ${newer.toolVersion}` : ""
      }; this one reads ${FORMAT}. Use a later version`,
      { exitCode: EXIT.invalid },
    );
  }
  return records.toSorted(inTime);
}

type Begun = Pick<HistoryRecord, "id" | "startedAt">;

function inTime(one: Begun, other: Begun): number {
  return one.startedAt.getTime() - other.startedAt.getTime() ||
    (one.id < other.id ? -1 : 1);
}

/** A run, and whose it is. */
export interface OwnRun extends MigrationRun {
  /** The migration. */
  readonly id: string;
  /** Whether the migration was run again since. */
  readonly isFormer: boolean;
}

/** Every run of these migrations that the history has, oldest first. */
export function runsIn(history: readonly HistoryRecord[]): readonly OwnRun[] {
  return history.flatMap(({ id, former, ...last }) => [
    ...former.map((run) => ({ ...run, id, isFormer: true })),
    { ...last, id, isFormer: false },
  ]).toSorted(inTime);
}

/** Whether all of it is there. A way back of which nothing was done leaves it so. */
export function isApplied(
  { state, direction, stepsDone }: HistoryRecord,
): boolean {
  return state === "applied" ||
    (state !== "reverted" && direction === "down" && stepsDone === 0);
}

/** Whether it was recorded as applied without being run. */
export function isStamped(
  { kind, state, startedAt, finishedAt, milliseconds }: MigrationRun,
): boolean {
  return kind === "baseline" && state === "applied" && milliseconds === 0 &&
    finishedAt?.getTime() === startedAt.getTime();
}

/** Whether its stamp was taken away. */
export function isUnstamped(
  { state, stepsDone, stepsTotal }: MigrationRun,
): boolean {
  return state === "reverted" && stepsDone === 0 && stepsTotal > 0;
}

/** Whether a run stopped or is under way. */
export function isUnfinished({ state }: HistoryRecord): boolean {
  return state === "failed" || state === "running";
}

/** Whether a run stopped or is under way with some steps done, and which way it went. */
export function halfWay(
  record: HistoryRecord,
): HistoryRecord["direction"] | undefined {
  return isUnfinished(record) && record.stepsDone > 0
    ? record.direction
    : undefined;
}

/** What a record says of the schema, as it is now. */
export async function schemaOf(
  session: MigrationSession,
): Promise<Pick<HistoryRecord, "fingerprint" | "managed">> {
  return {
    fingerprint: await session.fingerprint(),
    managed: await session.managed(),
  };
}

/** When it was applied, or last run. */
export function timeOf({ finishedAt, startedAt }: HistoryRecord): Date {
  return finishedAt ?? startedAt;
}

/** What models ever managed. */
export function managedIn(history: readonly HistoryRecord[]): string[] {
  return [...new Set(history.flatMap(({ managed }) => managed))].sort();
}

/** Times of runs that begin: each after all that is recorded, whatever the clocks of other machines said. */
export function startsAfter(history: readonly HistoryRecord[]): () => Date {
  let newest = Math.max(
    0,
    ...history.map(({ startedAt }) => startedAt.getTime()),
  );
  return () => {
    newest = Math.max(Date.now(), newest + 1);
    return new Date(newest);
  };
}
