import type { AnyModel } from "../../model/types.ts";
import { quotedName, quotedPath } from "../codec/quote.ts";
import type { SqlDriver, SqlTransaction } from "../link/link.ts";
import { declaredEnums } from "./enum_types.ts";
import { currentSchema, definedTables } from "./introspect.ts";
import { OWN_TABLES } from "../../migrations/history/own_tables.ts";
import { lockedTransaction } from "./lock.ts";
import { inSavepoint, run } from "../link/run.ts";
import { serverErrorOf } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";

/** The time that a drop waits for a table in use. */
const DROP_WAIT = "10s";

/** Drops the tables of the models, their enum types that nothing else uses, and the tables of this package, and returns the names of those that existed. */
export async function dropSchema(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  const home = schema ?? await currentSchema(driver);
  const tx = await lockedTransaction(driver, home);
  try {
    const names = [...models.map(({ table }) => table), ...OWN_TABLES];
    const live = await definedTables(tx, home, names);
    const existing = names.filter((name) => live.has(name));
    if (existing.length > 0) {
      const tables = existing.map((name) => quotedPath({ schema, name }));
      await run(tx, `set local lock_timeout = '${DROP_WAIT}'`);
      await run(tx, `drop table ${tables.join(", ")}`);
    }
    for (const { name } of declaredEnums(models)) {
      await dropUnused(tx, `${quotedName(home)}.${name}`);
    }
    await tx.commit();
    return existing;
  } catch (error) {
    await tx.rollback();
    throw error;
  }
}

/** Drops a type if it exists and nothing uses it. */
async function dropUnused(tx: SqlTransaction, type: string): Promise<void> {
  try {
    await inSavepoint(tx, () => run(tx, `drop type if exists ${type}`));
  } catch (error) {
    if (serverErrorOf(error)?.code !== SQLSTATE.dependentObjectsStillExist) {
      throw error;
    }
  }
}
