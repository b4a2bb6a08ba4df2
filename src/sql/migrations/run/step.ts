import { pause } from "../../../base/pause.ts";
import { notNext } from "../../../migrations/history/next_step.ts";
import type { SqlLink } from "../../link/link.ts";
import { attempts } from "./attempts.ts";
import { limitsOf } from "./step_limits.ts";
import { set } from "../../schema/session_settings.ts";
import { noteDone, progressOf } from "../history/progress.ts";
import { runAlone } from "./step_without_transaction.ts";
import type { StepPlace, Work } from "./step_context.ts";

/**
 * Runs a step and records that it is done.
 *
 * @throws {MigrationError} in words, with the server's error as `cause`
 * @throws {LockError} where the lock or the session was lost
 */
export async function runStep(work: Work, at: StepPlace): Promise<void> {
  await work.turn((link) => isNext(link, work.schema, at));
  try {
    if (!at.step.transaction) await runAlone(work, at);
    else if (at.step.repeat) await runRepeated(work, at);
    else await runTransaction(work, at);
  } catch (error) {
    // Why the step failed is what counts.
    await clean(work).catch(() => {});
    throw error;
  }
  await clean(work);
}

async function clean({ turn, pinned }: Work): Promise<void> {
  if (pinned.clean !== undefined) await turn(pinned.clean);
}

/** All its statements, and the record that they are done, or none of them. */
async function runTransaction(work: Work, at: StepPlace): Promise<void> {
  const { id, step, place } = at;
  await attempts(
    work,
    at,
    ({ link, send }) =>
      inTransaction(link, send, async () => {
        await set(link, limitsOf(step), "transaction");
        for (const statement of step.statements) await send(statement);
        await work.pinned.asOwn(link, "transaction");
        await noteDone(link, work.schema, id, place);
      }),
  );
}

/** Its statement again and again, a transaction each, until it changes no row; the record goes with the last. */
async function runRepeated(work: Work, at: StepPlace): Promise<void> {
  const { id, step, place } = at;
  const { onEvent } = work.options;
  const began = performance.now();
  const [statement = ""] = step.statements;
  for (let rows = 0;;) {
    const changed = await attempts(
      work,
      at,
      ({ link, send }) =>
        inTransaction(link, send, async () => {
          await set(link, limitsOf(step), "transaction");
          const count = await send(statement);
          if (count > 0) return count;
          await work.pinned.asOwn(link, "transaction");
          await noteDone(link, work.schema, id, place);
          return count;
        }),
    );
    if (changed === 0) return;
    rows += changed;
    const milliseconds = performance.now() - began;
    onEvent({ kind: "progress", id, step: place + 1, rows, milliseconds });
    // An engine in this process lets no signal in while it works.
    await pause(0);
  }
}

/** Sends what `work` sends between a begin and a commit; where the session is shared it is left outside a transaction in any case. */
async function inTransaction<T>(
  link: SqlLink,
  send: (statement: string) => Promise<number>,
  work: () => Promise<T>,
): Promise<T> {
  await send("begin");
  try {
    const result = await work();
    await send("commit");
    return result;
  } catch (error) {
    // On a connection that was lost there is nothing to undo.
    await link.query({ text: "rollback", values: [] }).catch(() => {});
    throw error;
  }
}

/** @throws {MigrationError} with exit code 4 where the history has another step as the next */
async function isNext(
  link: SqlLink,
  schema: string,
  { id, place }: StepPlace,
): Promise<void> {
  const progress = await progressOf(link, schema, id);
  if (progress?.done === place) return;
  throw notNext(id, place, progress?.done);
}
