import { createHash } from "node:crypto";
import type { Db } from "mongodb";
import type { HistoryRecord } from "../../../engine/migrations/mod.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { AnyModel } from "../../../model/types.ts";
import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";
import { canonicalText } from "../file/json.ts";
import { managedBy, managedNow } from "./managed_now.ts";
import { columnsOf, propertyOf, requiredIn, rulesText } from "./validator.ts";

/**
 * Returns a hash of the existing objects that models or the history manage.
 *
 * @param recorded whether only the names in the history count, if it has any:
 * objects of newer models were not part of the recorded state
 */
export async function fingerprintNow(
  db: Db,
  models: readonly AnyModel[],
  history: readonly HistoryRecord[],
  recorded: boolean,
): Promise<string> {
  const live = await liveCollections({ db, prefix: "" });
  const managed = new Set(history.flatMap(({ managed }) => managed));
  const own = recorded && managed.size > 0 ? managed : new Set([
    ...managed,
    ...managedBy(models),
    ...await managedNow(db, models),
  ]);
  const parts = [...live.values()].filter(({ name }) => own.has(name))
    .sort((one, other) => one.name < other.name ? -1 : 1)
    .map((collection) => ownPart(collection, own));
  return createHash("sha256").update(canonicalText(parts)).digest("hex");
}

/** Returns the managed part of a collection. */
function ownPart(live: LiveCollection, own: ReadonlySet<string>): unknown {
  const { name, type, validator, level, action, indexes } = live;
  const columns = columnsOf(validator).filter((column) =>
    own.has(managedName.column(name, column))
  );
  return {
    name,
    type,
    level,
    action,
    rules: rulesText({
      $jsonSchema: {
        required: requiredIn(validator).filter((column) =>
          columns.includes(column)
        ),
        properties: Object.fromEntries(
          columns.map((column) => [column, propertyOf(validator, column)]),
        ),
      },
    }),
    indexes: indexes.filter((index) =>
      own.has(managedName.rule(name, index.name))
    ).map(({ spec }) => spec),
  };
}
