import { notNext } from "../../../migrations/history/next_step.ts";
import type { SqlLink } from "../../link/link.ts";
import { historyTable } from "./history.ts";

/** What comes next in a migration that runs. */
export interface Progress {
  /** How many steps are done. */
  readonly done: number;
  /** The hash of the step without a transaction that was begun after those. */
  readonly begun: string | undefined;
}

/** How far a migration has come; undefined where it is not in the history. */
export async function progressOf(
  link: SqlLink,
  schema: string,
  id: string,
): Promise<Progress | undefined> {
  let progress: Progress | undefined;
  await link.query({
    text: `select steps_done, begun from ${historyTable(schema)} where id = $1`,
    values: [id],
  }, ([done, begun]) => {
    progress = { done: Number(done), begun: begun ?? undefined };
  });
  return progress;
}

/** Notes that a step without a transaction begins, or that it did not. */
export async function noteBegun(
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
 * Notes that a step is done, the one after those that were.
 *
 * @throws {MigrationError} with exit code 4 where another is next
 */
export async function noteDone(
  link: SqlLink,
  schema: string,
  id: string,
  place: number,
): Promise<void> {
  const { count } = await link.query({
    text: `update ${
      historyTable(schema)
    } set steps_done = cast($2 as int) + 1, begun = null where id = $1 and steps_done = cast($2 as int)`,
    values: [id, String(place)],
  });
  if (count === 1) return;
  throw notNext(id, place, (await progressOf(link, schema, id))?.done);
}
