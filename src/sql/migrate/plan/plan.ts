import type { SchemaPlan } from "../../../migration.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver } from "../../link.ts";
import type { PlanOptions } from "./options.ts";

/**
 * What it takes to make the tables what the models say. Leaves no trace.
 *
 * @param schema where the tables are; the connection's own where undefined
 */
export function planSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  options: PlanOptions,
): Promise<SchemaPlan> {
  throw new Error(`${driver} ${models} ${schema} ${options}`);
}
