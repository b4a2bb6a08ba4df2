import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { SqlDriver } from "../link/link.ts";
import type { LiveCollations } from "../schema/read_collations.ts";
import { sqlDialect } from "./dialect.ts";
import { loadModule } from "../../base/load_module.ts";

/**
 * Returns what the migrations of a PostgreSQL or PGlite database need. Each
 * function loads its code when it is first called.
 *
 * @param onRelease is called after a run, which may have changed the tables
 */
export function sqlTarget(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  collations: LiveCollations,
  onRelease: () => void,
): MigrationTarget & Required<Pick<MigrationTarget, "undo">> {
  const schemaName = async (): Promise<string> => {
    if (schema !== undefined) return schema;
    const { currentSchema } = await loadModule(() =>
      import("../schema/introspect.ts")
    );
    return await currentSchema(driver);
  };
  return {
    dialect: sqlDialect,
    place: driver.location,
    async plan(options) {
      const { planSchema } = await loadModule(() => import("./plan/plan.ts"));
      return await planSchema(driver, models, schema, options);
    },
    async prove(up, down, options) {
      const { proveScripts } = await loadModule(() =>
        import("./plan/prove.ts")
      );
      await proveScripts(driver, models, schema, up, down, options);
    },
    async violations(scripts) {
      const { violationsOfFiles } = await loadModule(() =>
        import(
          "./plan/violations_of_files.ts"
        )
      );
      return await violationsOfFiles(driver, schema, scripts);
    },
    async undo(files) {
      const { undoDraft } = await loadModule(() => import("./plan/undo.ts"));
      return await undoDraft(driver, schema, files);
    },
    async history() {
      const { readHistory } = await loadModule(() =>
        import("./history/history.ts")
      );
      return await readHistory(driver, await schemaName());
    },
    async holder() {
      const [{ lockKey }, { lockHolder }] = await Promise.all([
        loadModule(() => import("../schema/lock.ts")),
        loadModule(() => import("./run/lock.ts")),
      ]);
      return await lockHolder(driver, lockKey(await schemaName()));
    },
    async server() {
      const { currentServer } = await loadModule(() =>
        import("./run/server_version.ts")
      );
      return await currentServer(driver);
    },
    async fingerprint() {
      const { pinnedFingerprint } = await loadModule(() =>
        import(
          "./compare/pinned_fingerprint.ts"
        )
      );
      return await pinnedFingerprint(driver, models, await schemaName());
    },
    async differences(managed, adopting) {
      const { differencesNow } = await loadModule(() =>
        import("./plan/differences_now.ts")
      );
      return await differencesNow(driver, models, schema, managed, adopting);
    },
    async warnings() {
      const { unorderedColumns } = await loadModule(() =>
        import(
          "../schema/unordered_columns.ts"
        )
      );
      return await unorderedColumns(driver, models, schema, collations);
    },
    async isEmpty() {
      const { isEmpty } = await loadModule(() =>
        import("./plan/differences_now.ts")
      );
      return await isEmpty(driver, models, schema);
    },
    async otherTables() {
      const { otherTables } = await loadModule(() =>
        import("./plan/differences_now.ts")
      );
      return await otherTables(driver, models, schema);
    },
    async lock(options) {
      const { openSession } = await loadModule(() =>
        import("./run/session.ts")
      );
      const { isLost, ...session } = await openSession(
        driver,
        models,
        schemaName,
        options,
      );
      return {
        ...session,
        async release() {
          await session.release();
          onRelease();
          const refreshed = collations.refresh();
          // Nobody waits for a server that no longer answers.
          if (isLost()) refreshed.catch(() => {});
          else await refreshed;
        },
      };
    },
  };
}
