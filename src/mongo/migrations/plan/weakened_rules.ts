import type { Db } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import { liveCollections } from "../../schema/live_collections.ts";

/** Describes the collections of models whose validators accept documents that break their rules. */
export async function weakenedRules(
  db: Db,
  models: readonly AnyModel[],
): Promise<string[]> {
  const live = await liveCollections({ db, prefix: "" });
  return models.flatMap(({ table, renamedFrom = table }) => {
    const existing = live.get(table) ?? live.get(renamedFrom);
    if (
      existing?.validator === undefined ||
      (existing.level === "strict" && existing.action === "error")
    ) return [];
    const { name, level, action } = existing;
    return [
      `The validation of ${name} is ${level} and ${action} until the migration is completed or rolled back: ${
        action === "error" ? "existing documents" : "documents"
      } that break its rules are accepted`,
    ];
  });
}
