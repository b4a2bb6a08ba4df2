import type { SchemaReport } from "../engine.ts";
import { findTarget, type Target } from "./target.ts";

/** What `initdb` found and did. */
export interface InitdbReport extends SchemaReport {
  /** The settings file. */
  readonly path: string;
  /** Whether the database itself had to be made. */
  readonly databaseCreated: boolean;
}

/**
 * Makes the schema that the settings' models describe. Tables that are there
 * must be what the models say; else nothing is changed.
 *
 * @param options with `createDatabase`, the database itself is made where it is missing
 * @throws {SchemaError} with every difference
 */
export async function initdb(
  { createDatabase, ...target }: Target & {
    readonly createDatabase?: boolean | undefined;
  },
): Promise<InitdbReport> {
  const { path, source, entry, engine, open } = await findTarget(target);
  // An engine that makes its database as it opens it has nothing to do here.
  const databaseCreated = createDatabase === true &&
    engine.createDatabase !== undefined &&
    await engine.createDatabase(entry, source);
  await using connection = await open();
  const report = await connection.createDb({ verify: true });
  return { path, databaseCreated, ...report };
}
