import { LockError, MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Direction,
  HistoryRecord,
  MigrationSession,
  NewRecord,
  Script,
} from "../../engine/migrations/mod.ts";
import { pause } from "../../base/pause.ts";
import { commandOf } from "../history/half_done.ts";
import { isUnfinished, schemaOf } from "../history/history.ts";
import type { RunOptions } from "../report/options.ts";
import type { RanMigration } from "../report/reports.ts";

/** One direction of a migration, to be run or to be gone on with. */
export interface Job {
  /** What the history says from the beginning of the run; `stepsDone` is where it begins. */
  readonly start: NewRecord;
  readonly script: Script;
  /** The file, for errors. */
  readonly file: string;
}

/** What a job is made of. */
export interface JobParts
  extends Pick<NewRecord, "id" | "upChecksum" | "downChecksum" | "downText"> {
  readonly kind: HistoryRecord["kind"];
  readonly direction: Direction;
  readonly script: Script;
  readonly file: string;
  readonly startedAt: Date;
  /** What the history has of the migration; half a run, which went the same way, is gone on with. */
  readonly record: HistoryRecord | undefined;
}

/** Makes a job. */
export function jobOf(
  { script, file, record, ...parts }: JobParts,
): Job {
  const goesOn = record !== undefined && isUnfinished(record);
  return {
    script,
    file,
    start: {
      ...parts,
      state: "running",
      stepsTotal: script.steps.length,
      stepsDone: goesOn ? record.stepsDone : 0,
      stepHashes: script.steps.map(({ hash }) => hash),
      fingerprint: record?.fingerprint,
      managed: record?.managed ?? [],
      error: undefined,
      code: undefined,
      finishedAt: undefined,
      milliseconds: undefined,
    },
  };
}

/**
 * Runs the steps that are left, one by one, and records how it ended.
 *
 * @throws {MigrationError} naming file, step and line, where a step fails or
 * the signal stops it between two
 * @throws {LockError} where the lock was lost
 */
export async function runJob(
  session: MigrationSession,
  job: Job,
  { signal, onProgress = () => {} }: Pick<RunOptions, "signal" | "onProgress">,
): Promise<RanMigration> {
  const { start, script } = job;
  const { id, direction, stepsDone } = start;
  await turnOfSignals();
  if (signal?.aborted) throw failureOf(job, stepsDone, signal.reason, signal);
  const began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  const steps = script.steps.length;
  onProgress({ kind: "migration", id, direction, steps });
  let place = stepsDone;
  try {
    await session.record(start);
    for (; place < steps; place++) {
      await turnOfSignals();
      signal?.throwIfAborted();
      const statement = script.steps[place]?.title ?? "";
      onProgress({ kind: "step", id, step: place + 1, steps, statement });
      await session.run(id, script, place);
    }
    await session.record({
      ...start,
      state: direction === "up" ? "applied" : "reverted",
      stepsDone: steps,
      ...await schemaOf(session),
      finishedAt: new Date(),
      milliseconds: elapsed(),
    });
  } catch (error) {
    // Who lost the lock may not write: another one may be at work already.
    if (error instanceof LockError) throw error;
    const failure = failureOf(job, place, error, signal);
    await recordFailure(session, start, failure, elapsed()).catch(() => {});
    throw failure;
  }
  const milliseconds = elapsed();
  onProgress({ kind: "done", id, direction, milliseconds });
  return { id, steps: steps - stepsDone, milliseconds };
}

/** An engine in this process lets no signal in while it works. */
function turnOfSignals(): Promise<void> {
  return pause(0);
}

/** What is done is read again: the answer to a commit may have been lost, and a step that is done must not run twice. */
async function recordFailure(
  session: MigrationSession,
  start: NewRecord,
  failure: MigrationError,
  milliseconds: number,
): Promise<void> {
  const history = await session.history();
  const { stepsDone } = history.find(({ id }) => id === start.id) ?? start;
  await session.record({
    ...start,
    state: "failed",
    stepsDone,
    error: failure.message,
    code: codeOf(failure.cause),
    finishedAt: new Date(),
    milliseconds,
  });
}

function failureOf(
  { file, script, start: { direction } }: Job,
  place: number,
  error: unknown,
  signal: AbortSignal | undefined,
): MigrationError {
  const goOn = commandOf(direction);
  const steps = script.steps.length;
  const step = script.steps[place];
  if (signal?.aborted && error === signal.reason) {
    const after = place === 0
      ? `before ${file}`
      : `after step ${place} of ${steps} of ${file}`;
    return new MigrationError(`Stopped ${after}; ${goOn} goes on there`, {
      cause: error,
    });
  }
  const where = step === undefined
    ? `${file}, after its last step`
    : `${file}:${step.line}, step ${place + 1} of ${steps}`;
  return new MigrationError(
    `${where}: ${sentence(error)} ${
      place === 0
        ? `${goOn} tries it again`
        : `What comes before is done; ${goOn} goes on there`
    }`,
    {
      cause: error,
      exitCode: error instanceof MigrationError ? error.exitCode : EXIT.failed,
    },
  );
}

function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** The database's code, which the error or its cause carries. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : codeOf(error.cause);
}
