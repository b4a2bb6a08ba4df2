import {
  isClosedByProgram,
  LockError,
  messageOf,
  MigrationError,
  outcomeOf,
  type WriteOutcome,
} from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Direction,
  HistoryRecord,
  MigrationSession,
  NewRecord,
  Script,
} from "../../engine/migrations/mod.ts";
import { pause } from "../../base/pause.ts";
import { commandHint } from "../../base/hints.ts";
import { commandOf } from "../history/partial_run.ts";
import { isUnfinished, schemaState } from "../history/history.ts";
import type { RunOptions } from "../report/options.ts";
import type { RanMigration } from "../report/reports.ts";

/** One direction of a migration, to run or to continue. */
export interface Job {
  /** The record at the beginning of the run; `stepsDone` is the index of the first step to run. */
  readonly start: NewRecord;
  readonly script: Script;
  /** The file, for errors. */
  readonly file: string;
}

/** Input of a job. */
interface JobParts
  extends Pick<NewRecord, "id" | "upChecksum" | "downChecksum" | "downText"> {
  readonly kind: HistoryRecord["kind"];
  readonly direction: Direction;
  readonly script: Script;
  readonly file: string;
  readonly startedAt: Date;
  /** The stored record. An unfinished run of the same direction is continued. */
  readonly record: HistoryRecord | undefined;
  /** The number of steps that a new run leaves out. Default: 0. */
  readonly skipped?: number;
}

/** Returns a job. */
export function jobOf(
  { script, file, record, skipped = 0, ...parts }: JobParts,
): Job {
  const continues = record !== undefined && isUnfinished(record) &&
    record.direction === parts.direction;
  return {
    script,
    file,
    start: {
      ...parts,
      state: "running",
      stepsTotal: script.steps.length,
      stepsDone: continues ? record.stepsDone : skipped,
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
 * Runs the remaining steps one by one, and records the result.
 *
 * @throws {MigrationError} naming file, step and line, if a step fails or the
 * signal stops the run between two steps
 * @throws {LockError} if the lock is lost
 */
export async function runJob(
  session: MigrationSession,
  job: Job,
  { signal, onProgress = () => {} }: Pick<RunOptions, "signal" | "onProgress">,
): Promise<RanMigration> {
  const { start, script } = job;
  const { id, direction, stepsDone } = start;
  await handleSignals();
  if (signal?.aborted) {
    const position = { index: stepsDone, outcome: "not applied" } as const;
    const { reason, next } = failureText(job, position, signal.reason, signal);
    throw failureOf(reason, next, signal.reason, position.outcome);
  }
  const began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  const steps = script.steps.length;
  onProgress({ kind: "migration", id, direction, steps });
  let index = stepsDone;
  let isRunning = false;
  const positionOf = (error: unknown): Position => ({
    index,
    outcome: isRunning
      ? outcomeOf(error)
      : index === steps
      ? "applied"
      : "not applied",
  });
  try {
    await session.record(start);
    for (; index < steps; index++) {
      await handleSignals();
      signal?.throwIfAborted();
      const statement = script.steps[index]?.title ?? "";
      onProgress({ kind: "step", id, step: index + 1, steps, statement });
      isRunning = true;
      await session.run(id, script, index);
      isRunning = false;
    }
    await session.record({
      ...start,
      state: direction === "up" ? "applied" : "reverted",
      stepsDone: steps,
      ...await schemaState(session),
      finishedAt: new Date(),
      milliseconds: elapsed(),
    });
  } catch (error) {
    const position = positionOf(error);
    const { outcome } = position;
    if (isClosedByProgram(error)) {
      error.outcome = outcome;
      throw error;
    }
    const { reason, next } = failureText(job, position, error, signal);
    // Without the lock, nothing may be written: another process may run already.
    if (error instanceof LockError) {
      const { holder } = error;
      const lost = new LockError(`${reason} ${next}`, { cause: error, holder });
      lost.outcome = outcome;
      throw lost;
    }
    const failure = failureOf(reason, next, error, outcome);
    await recordFailure(session, start, reason, failure, elapsed())
      .catch(() => {});
    throw failure;
  }
  const milliseconds = elapsed();
  onProgress({ kind: "done", id, direction, milliseconds });
  return { id, steps: steps - stepsDone, milliseconds };
}

/** An engine in this process handles no signal while it works. */
function handleSignals(): Promise<void> {
  return pause(0);
}

/** Reads the completed steps again: the answer to a commit may have been lost, and a completed step must not run twice. */
async function recordFailure(
  session: MigrationSession,
  start: NewRecord,
  reason: string,
  failure: MigrationError,
  milliseconds: number,
): Promise<void> {
  const history = await session.history();
  const { stepsDone } = history.find(({ id }) => id === start.id) ?? start;
  await session.record({
    ...start,
    state: "failed",
    stepsDone,
    // Without the command that continues, whose options are those of this run.
    error: reason,
    code: codeOf(failure.cause),
    finishedAt: new Date(),
    milliseconds,
  });
}

function failureOf(
  reason: string,
  next: string,
  cause: unknown,
  outcome: WriteOutcome,
): MigrationError {
  const error = new MigrationError(`${reason} ${next}`, {
    cause,
    exitCode: cause instanceof MigrationError ? cause.exitCode : EXIT.failed,
  });
  error.outcome = outcome;
  return error;
}

/** Where a run ended: the index of the step, and the outcome of that step. */
interface Position {
  readonly index: number;
  readonly outcome: WriteOutcome;
}

/** Returns why and where a run ended, and what to do next. */
function failureText(
  { file, script, start: { direction } }: Job,
  { index, outcome }: Position,
  error: unknown,
  signal: AbortSignal | undefined,
): { readonly reason: string; readonly next: string } {
  const command = commandOf(direction);
  const steps = script.steps.length;
  const step = script.steps[index];
  if (signal?.aborted && error === signal.reason) {
    const when = index === 0
      ? `before ${file}`
      : `after step ${index} of ${steps} of ${file}`;
    return { reason: `Stopped ${when}.`, next: `${command} continues there` };
  }
  const where = step === undefined
    ? `${file}, after its last step`
    : `${file}:${step.line}, step ${index + 1} of ${steps}`;
  const earlier = index === 0 ? "" : "The earlier steps are done; ";
  return {
    reason: `${where}: ${sentence(error)}`,
    next: outcome === "unknown"
      ? `The step may be complete, partly done, or absent: ${
        commandHint("status")
      } shows the recorded steps. ${earlier}${command} continues there`
      : earlier === ""
      ? `${command} runs it again`
      : `${earlier}${command} continues there`,
  };
}

function sentence(error: unknown): string {
  const message = messageOf(error);
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** Returns the database's code of an error, or of its cause. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : codeOf(error.cause);
}
