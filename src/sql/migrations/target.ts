import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { SqlDriver } from "../link/link.ts";
import type { LiveCollations } from "../schema/read_collations.ts";
import { unorderedColumns } from "../schema/unordered_columns.ts";
import { currentSchema } from "../schema/introspect.ts";
import { lockKey } from "../schema/lock.ts";
import { sqlDialect } from "./dialect.ts";
import { readHistory } from "./history/history.ts";
import { lockHolder } from "./run/lock.ts";
import { pin } from "../schema/session_settings.ts";
import { fingerprintNow } from "./compare/fingerprint.ts";
import { differencesNow, isEmpty } from "./plan/differences_now.ts";
import { planSchema } from "./plan/plan.ts";
import { proveScripts } from "./plan/prove.ts";
import { undoDraft } from "./plan/undo.ts";
import { violationsOfFiles } from "./plan/violations_of_files.ts";
import { currentServer } from "./run/server_version.ts";
import { openSession } from "./run/session.ts";

/** Returns what the migrations of a PostgreSQL or PGlite database need. */
export function sqlTarget(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  collations: LiveCollations,
): MigrationTarget {
  const schemaName = async (): Promise<string> =>
    schema ?? await currentSchema(driver);
  return {
    dialect: sqlDialect,
    place: driver.location,
    plan: (options) => planSchema(driver, models, schema, options),
    prove: (up, down, options) =>
      proveScripts(driver, models, schema, up, down, options),
    violations: (scripts) => violationsOfFiles(driver, schema, scripts),
    undo: (files) => undoDraft(driver, schema, files),
    history: async () => await readHistory(driver, await schemaName()),
    holder: async () => await lockHolder(driver, lockKey(await schemaName())),
    server: () => currentServer(driver),
    fingerprint: async () =>
      await fingerprint(driver, models, await schemaName()),
    differences: (managed) => differencesNow(driver, models, schema, managed),
    warnings: () => unorderedColumns(driver, models, schema, collations),
    isEmpty: () => isEmpty(driver, models, schema),
    async lock(options) {
      const session = await openSession(
        driver,
        models,
        await schemaName(),
        options,
      );
      return {
        ...session,
        async release() {
          await session.release();
          await collations.refresh();
        },
      };
    },
  };
}

/** Returns the fingerprint with the settings of a migration session, because the server's spelling of defaults and types depends on settings. */
async function fingerprint(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string,
): Promise<string> {
  const tx = await driver.begin({});
  try {
    await pin(tx, schema, "transaction");
    return await fingerprintNow(tx, models, schema, true);
  } finally {
    await tx.rollback();
  }
}
