import { DecisionError } from "../errors.ts";
import { placeOf } from "./place.ts";
import { findTarget, type Target } from "./target.ts";

/** What `dropdb` did. */
export interface DropdbReport {
  /** The settings file. */
  readonly path: string;
  /** The tables or collections that are gone. */
  readonly dropped: readonly string[];
}

/**
 * Drops the models' tables and the history, never the database.
 *
 * @param confirm asks whether that is meant, before the database is touched
 * @throws {DecisionError} where it is not
 */
export async function dropdb(
  target: Target,
  confirm: (question: string) => Promise<boolean>,
): Promise<DropdbReport> {
  const { path, entry, engine, open } = await findTarget(target);
  const question =
    `Drop every table of the models, with all that is in them, from ${
      placeOf(engine.name, entry)
    } (settings: ${path})?`;
  if (!await confirm(question)) {
    throw new DecisionError("Nothing was dropped", ["--yes"]);
  }
  await using connection = await open();
  return { path, dropped: await connection.dropDb() };
}
