import type { Script } from "../../../migration.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver } from "../../link.ts";
import type { PlanOptions } from "./options.ts";

/**
 * Runs a plan's files on copies of the tables, in a transaction that is rolled
 * back: after `up` nothing is left to do, after `down` all is as it was.
 *
 * @throws {MigrationError} naming the statement that failed, or the difference
 */
export function proveScripts(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  up: Script,
  down: Script | undefined,
  options: PlanOptions,
): Promise<void> {
  throw new Error(`${driver} ${models} ${schema} ${up} ${down} ${options}`);
}
