import {
  beforeWrites,
  MigrationError,
  outcomeOf,
  withOutcome,
} from "../../../base/errors/mod.ts";
import { isNext, readerOf } from "../file/reader.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import { runPart } from "./run_part.ts";
import { guardOf } from "./guard.ts";
import { historyTable } from "../history/history.ts";
import { limitsOf } from "./step_limits.ts";
import { BASE_LIMITS, set } from "../../schema/session_settings.ts";
import { progressOf, recordBegun, recordDone } from "../history/progress.ts";
import type { StepContext, StepPosition } from "./step_context.ts";

/**
 * Runs a step whose statement cannot run in a transaction. A run may end after
 * the statement and before the record. The next run knows that the statement
 * was started, and inspects what it left behind.
 */
export async function runWithoutTransaction(
  context: StepContext,
  position: StepPosition,
): Promise<void> {
  const { id, step, index } = position;
  const { schema } = context;
  const [statement = ""] = step.statements;
  const guard = guardOf(statement);
  await runPart(context, position, async ({ link, send }) => {
    const progress = await beforeWrites(progressOf(link, schema, id));
    const begun = progress?.begun === step.hash;
    if (begun && guard.unverifiable) throw unknown(schema, position);
    let noted = false;
    let state: "before" | "sent" | "done" = "before";
    await beforeWrites(set(link, limitsOf(step)));
    try {
      const { text, own } = await guard.prepare(link, send, begun);
      if (text !== undefined) {
        if (own && !begun) {
          await recordBegun(link, schema, id, step.hash);
          noted = true;
        }
        state = "sent";
        await send(text);
        state = "done";
        await context.pinned.restoreRole(link, "session");
        await guard.prove(link);
      }
    } catch (error) {
      await context.pinned.restoreRole(link, "session").catch(() => {});
      await set(link, BASE_LIMITS).catch(() => {});
      // If this fails, the next run cleans up.
      const isClean = await guard.clean(link).then(() => true, () => false);
      // The server reported a failure, so nothing was done; after a lost session nobody knows.
      if (noted && guard.unverifiable) {
        await recordBegun(link, schema, id, undefined).catch(() => {});
      }
      // An error of this package is one before the statement, or says that it had no effect.
      const isRefused = error instanceof MigrationError ||
        state === "sent" && outcomeOf(error) !== "unknown" &&
          !mayCommit(statement);
      throw withOutcome(
        error,
        state === "before" || isRefused && isClean ? "not applied" : "unknown",
      );
    }
    try {
      await set(link, BASE_LIMITS);
      await recordDone(link, schema, id, index);
    } catch (error) {
      throw withOutcome(error, "unknown");
    }
  });
}

/** Whether a statement can commit a part of its work before it fails. */
function mayCommit(statement: string): boolean {
  const reader = readerOf(statement);
  return isNext(reader, "call") || isNext(reader, "do");
}

/** Returns the error for a statement whose result only a person can find out. */
function unknown(
  schema: string,
  { id, index, step }: StepPosition,
): MigrationError {
  const update = (also: string): string =>
    `UPDATE ${historyTable(schema)} SET begun = NULL${also} WHERE id = '${id}'`;
  return new MigrationError(
    `An earlier run started ${step.title} and ended before it recorded the result, so the statement may or may not have been executed. Check the database. If it was not executed, run ${
      update("")
    }; if it was, ${update(`, steps_done = ${index + 1}`)}.`,
    { exitCode: EXIT.undecided },
  );
}
