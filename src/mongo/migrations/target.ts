import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { MongoDriver } from "../link/link.ts";
import { meets } from "../../migrations/file/requirement.ts";
import { mongoDialect } from "./dialect.ts";
import { readHistory } from "./history/history.ts";
import { currentHolder } from "./history/lease.ts";
import { LEASE, type LeaseTimes } from "./history/lease.ts";
import { violations } from "./plan/violations.ts";
import { commandIn } from "./file/json.ts";
import { commandsOf } from "./file/step_commands.ts";
import { planSchema } from "./plan/plan.ts";
import { undoDraft } from "./plan/undo.ts";
import { weakenedRules } from "./plan/weakened_rules.ts";
import { proveScripts } from "./plan/prove.ts";
import { fingerprintNow } from "./compare/fingerprint_now.ts";
import {
  differencesNow,
  isEmpty,
  otherCollections,
} from "./plan/differences_now.ts";
import { serverOf, versionOf } from "./run/server_version.ts";
import { openSession } from "./run/session.ts";

/**
 * Returns what the migrations of a MongoDB database need.
 *
 * @param models as their documents are stored
 */
export function mongoTarget(
  driver: MongoDriver,
  models: readonly AnyModel[],
  times: LeaseTimes = LEASE,
): MigrationTarget {
  const { mapErrors } = driver;
  // Whatever the client's settings are, migrations read from the primary.
  const db = driver.db.client.db(driver.db.databaseName, {
    readPreference: "primary",
    writeConcern: { w: "majority" },
    useBigInt64: true,
  });
  const place = `${driver.server}, database ${db.databaseName}`;
  return {
    dialect: mongoDialect,
    place,
    plan: (options) =>
      mapErrors(async () => {
        const plan = await planSchema(
          { db, prefix: "" },
          models,
          await versionOf(db),
          options,
        );
        return {
          ...plan,
          violations: options.empty === true ? [] : await violations(
            { driver, db, prefix: "" },
            models,
            plan.up.steps.flatMap(({ statements }) =>
              statements.map(commandIn)
            ),
          ),
        };
      }),
    violations: (scripts) =>
      mapErrors(() =>
        violations(
          { driver, db, prefix: "" },
          models,
          scripts.flatMap(({ steps }) => steps.flatMap(commandsOf)),
        )
      ),
    prove: (up, down, options) =>
      mapErrors(async () =>
        proveScripts(
          { driver, db },
          models,
          await versionOf(db),
          up,
          down,
          options,
        )
      ),
    undo: (files) =>
      mapErrors(async () =>
        undoDraft(
          { driver, db },
          meets("mongodb>=6.0", "mongodb", await versionOf(db)),
          files,
        )
      ),
    weakened: () => mapErrors(() => weakenedRules(db, models)),
    history: () => mapErrors(() => readHistory(db)),
    holder: () => mapErrors(() => currentHolder(db)),
    server: () => mapErrors(async () => serverOf(await versionOf(db))),
    fingerprint: () =>
      mapErrors(async () =>
        fingerprintNow(db, models, await readHistory(db), true)
      ),
    differences: (managed) =>
      mapErrors(() => differencesNow(db, models, managed)),
    otherTables: () => mapErrors(() => otherCollections(db, models)),
    isEmpty: () => mapErrors(() => isEmpty(db, models)),
    lock: (options) =>
      mapErrors(() => openSession(driver, db, place, models, options, times)),
  };
}
