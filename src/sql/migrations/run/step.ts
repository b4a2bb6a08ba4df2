import {
  appendSentence,
  beforeWrites,
  rolledBack,
  withOutcome,
} from "../../../base/errors/mod.ts";
import { pause } from "../../../base/pause.ts";
import { notNextStep } from "../../../migrations/history/next_step.ts";
import type { SqlLink } from "../../link/link.ts";
import { runPart } from "./run_part.ts";
import { limitsOf } from "./step_limits.ts";
import { set } from "../../schema/session_settings.ts";
import { progressOf, recordDone } from "../history/progress.ts";
import { runWithoutTransaction } from "./step_without_transaction.ts";
import type { StepContext, StepPosition } from "./step_context.ts";

/**
 * Runs a step and records that it is done.
 *
 * @throws {MigrationError} with the server's error as `cause`
 * @throws {LockError} if the lock or the session is lost
 */
export async function runStep(
  context: StepContext,
  position: StepPosition,
): Promise<void> {
  await beforeWrites(
    context.onSession((link) => assertNext(link, context.schema, position)),
  );
  try {
    if (!position.step.transaction) {
      await runWithoutTransaction(context, position);
    } else if (position.step.repeat) await runRepeated(context, position);
    else await runTransaction(context, position);
  } catch (error) {
    // The error of the step matters, not the error of the cleanup.
    await clean(context).catch(() => {});
    throw error;
  }
  await clean(context);
}

async function clean({ onSession, pinned }: StepContext): Promise<void> {
  if (pinned.clean !== undefined) await onSession(pinned.clean);
}

/** Runs all statements and records the step in one transaction. */
async function runTransaction(
  context: StepContext,
  position: StepPosition,
): Promise<void> {
  const { id, step, index } = position;
  await runPart(
    context,
    position,
    ({ link, send }) =>
      inTransaction(link, send, async () => {
        await set(link, limitsOf(step), "transaction");
        for (const statement of step.statements) await send(statement);
        await context.pinned.restoreRole(link, "transaction");
        await recordDone(link, context.schema, id, index);
      }),
  );
}

/** Repeats the statement, each time in a transaction of its own, until it changes no row. The last transaction records the step. */
async function runRepeated(
  context: StepContext,
  position: StepPosition,
): Promise<void> {
  const { id, step, index } = position;
  const { onEvent } = context.options;
  const began = performance.now();
  const [statement = ""] = step.statements;
  for (let rows = 0;;) {
    const batch = runPart(
      context,
      position,
      ({ link, send }) =>
        inTransaction(link, send, async () => {
          await set(link, limitsOf(step), "transaction");
          const count = await send(statement);
          if (count > 0) return count;
          await context.pinned.restoreRole(link, "transaction");
          await recordDone(link, context.schema, id, index);
          return count;
        }),
    );
    const changed = await batch.catch((error) => {
      throw rows === 0 ? error : afterBatches(error, rows);
    });
    if (changed === 0) return;
    rows += changed;
    const milliseconds = performance.now() - began;
    onEvent({ kind: "progress", id, step: index + 1, rows, milliseconds });
    // An engine in this process handles no signal while it works.
    await pause(0);
  }
}

/** Returns the error of a batch whose earlier batches are committed. */
function afterBatches(error: unknown, rows: number): unknown {
  if (error instanceof Error) {
    appendSentence(
      error,
      `The earlier batches changed ${rows} rows, which stay changed`,
    );
  }
  return withOutcome(error, "unknown");
}

/** Runs `work` in a transaction. A shared session never stays inside a transaction. */
async function inTransaction<T>(
  link: SqlLink,
  send: (statement: string) => Promise<number>,
  work: () => Promise<T>,
): Promise<T> {
  let isCommitting = false;
  try {
    await send("begin");
    const result = await work();
    isCommitting = true;
    await send("commit");
    return result;
  } catch (error) {
    // A lost connection has nothing to roll back.
    await link.query({ text: "rollback", values: [] }).catch(() => {});
    throw isCommitting ? error : rolledBack(error);
  }
}

/** @throws {MigrationError} with exit code 4 if another step is next */
async function assertNext(
  link: SqlLink,
  schema: string,
  { id, index }: StepPosition,
): Promise<void> {
  const progress = await progressOf(link, schema, id);
  if (progress?.done === index) return;
  throw notNextStep(id, index, progress?.done);
}
