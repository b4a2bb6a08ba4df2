import type { Intent, PlanOptions } from "../../engine/migrations/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { assertKnownNames } from "./intent.ts";
import type { ObjectWords } from "./rename.ts";
import { type Held, intentUnder, type Renames, renamesOf } from "./renames.ts";

/**
 * Returns the pending renames, and the intent under old and new names.
 *
 * @throws {MigrationError} if an option matches neither the database nor the
 * models
 */
export function resolvedIntent(
  { intent, managed }: PlanOptions,
  models: readonly AnyModel[],
  live: Held,
  words: ObjectWords,
): { readonly intent: Intent; readonly renames: Renames } {
  const renames = renamesOf(models, intent, live, words);
  assertKnownNames(intent, { managed, models, live, renames });
  return { intent: intentUnder(intent, renames), renames };
}
