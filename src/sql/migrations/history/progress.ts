import { notNextStep } from "../../../migrations/history/next_step.ts";
import type { SqlLink } from "../../link/link.ts";
import { row } from "../../link/run.ts";
import { historyTable } from "./history.ts";

/** How many steps of a migration are done, and whether the next one was started. */
export interface Progress {
  /** Number of completed steps. */
  readonly done: number;
  /** Hash of the next step, if it has no transaction and was started. */
  readonly begun: string | undefined;
}

/** Returns the progress of a migration; undefined if the history has no record of it. */
export async function progressOf(
  link: SqlLink,
  schema: string,
  id: string,
): Promise<Progress | undefined> {
  const [done, begun] = await row(
    link,
    `select steps_done, begun from ${historyTable(schema)} where id = $1`,
    [id],
  );
  return done === undefined
    ? undefined
    : { done: Number(done), begun: begun ?? undefined };
}

/** Records that a step without a transaction was started; with an undefined hash, that it was not. */
export async function recordBegun(
  link: SqlLink,
  schema: string,
  id: string,
  hash: string | undefined,
): Promise<void> {
  await link.query({
    text: `update ${historyTable(schema)} set begun = $2 where id = $1`,
    values: [id, hash ?? null],
  });
}

/**
 * Records that a step is done.
 *
 * @param index of the step, from 0
 * @throws {MigrationError} with exit code 4 if another step is next
 */
export async function recordDone(
  link: SqlLink,
  schema: string,
  id: string,
  index: number,
): Promise<void> {
  const { count } = await link.query({
    text: `update ${
      historyTable(schema)
    } set steps_done = cast($2 as int) + 1, begun = null where id = $1 and steps_done = cast($2 as int)`,
    values: [id, String(index)],
  });
  if (count === 1) return;
  throw notNextStep(id, index, (await progressOf(link, schema, id))?.done);
}
