import { MigrationError } from "../../../base/errors/mod.ts";
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
    const progress = await progressOf(link, schema, id);
    const begun = progress?.begun === step.hash;
    if (begun && guard.unverifiable) throw unknown(schema, position);
    let noted = false;
    await set(link, limitsOf(step));
    try {
      const { text, own } = await guard.prepare(link, send, begun);
      if (text !== undefined) {
        if (own && !begun) {
          await recordBegun(link, schema, id, step.hash);
          noted = true;
        }
        await send(text);
        await context.pinned.restoreRole(link, "session");
        await guard.prove(link);
      }
    } catch (error) {
      await context.pinned.restoreRole(link, "session").catch(() => {});
      await set(link, BASE_LIMITS).catch(() => {});
      // If this fails, the next run cleans up.
      await guard.clean(link).catch(() => {});
      // The server reported a failure, so nothing was done; after a lost session nobody knows.
      if (noted && guard.unverifiable) {
        await recordBegun(link, schema, id, undefined).catch(() => {});
      }
      throw error;
    }
    await set(link, BASE_LIMITS);
    await recordDone(link, schema, id, index);
  });
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
