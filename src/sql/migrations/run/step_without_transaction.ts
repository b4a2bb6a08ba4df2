import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import { attempts } from "./attempts.ts";
import { guardOf } from "./guard.ts";
import { historyTable } from "../history/history.ts";
import { limitsOf } from "./step_limits.ts";
import { BASE_LIMITS, set } from "../../schema/session_settings.ts";
import { noteBegun, noteDone, progressOf } from "../history/progress.ts";
import type { StepPlace, Work } from "./step_context.ts";

/**
 * Runs a step whose statement cannot be in a transaction. That it is done is
 * recorded after it, so a run may end in between: what it leaves behind tells
 * the next one, which knows that it was begun.
 */
export async function runAlone(work: Work, at: StepPlace): Promise<void> {
  const { id, step, place } = at;
  const { schema } = work;
  const [statement = ""] = step.statements;
  const guard = guardOf(statement);
  await attempts(work, at, async ({ link, send }) => {
    const progress = await progressOf(link, schema, id);
    const begun = progress?.begun === step.hash;
    if (begun && guard.blind) throw unknown(schema, at);
    let noted = false;
    await set(link, limitsOf(step));
    try {
      const { text, own } = await guard.prepare(link, send, begun);
      if (text !== undefined) {
        if (own && !begun) {
          await noteBegun(link, schema, id, step.hash);
          noted = true;
        }
        await send(text);
        await work.pinned.asOwn(link, "session");
        await guard.prove(link);
      }
    } catch (error) {
      await work.pinned.asOwn(link, "session").catch(() => {});
      await set(link, BASE_LIMITS).catch(() => {});
      // The next run does it where this cannot.
      await guard.clean(link).catch(() => {});
      // The server says that it failed; where the session was lost nobody says anything.
      if (noted && guard.blind) {
        await noteBegun(link, schema, id, undefined).catch(() => {});
      }
      throw error;
    }
    await set(link, BASE_LIMITS);
    await noteDone(link, schema, id, place);
  });
}

/** That a person must look. Nothing else says whether the statement was done. */
function unknown(
  schema: string,
  { id, place, step }: StepPlace,
): MigrationError {
  const goOn = (also: string): string =>
    `UPDATE ${historyTable(schema)} SET begun = NULL${also} WHERE id = '${id}'`;
  return new MigrationError(
    `An earlier run began ${step.title} and ended before it was recorded, so that it may be done or not: look. If it is not done, send ${
      goOn("")
    }; if it is, ${goOn(`, steps_done = ${place + 1}`)}.`,
    { exitCode: EXIT.undecided },
  );
}
