import type { Intent } from "../../../engine/migrations/mod.ts";
import type { ObjectWords } from "../../../migrations/plan/rename.ts";
import {
  type Held,
  type Renames,
  renamesOf,
} from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { LiveCollection } from "../../schema/live_collections.ts";
import { columnsOf } from "./validator.ts";

const WORDS: ObjectWords = { table: "collection", column: "field" };

/** The existing collections, and the fields in their validators. */
export function heldIn(live: ReadonlyMap<string, LiveCollection>): Held {
  return new Map(
    [...live].map(([name, { validator }]) => [
      name,
      new Set(columnsOf(validator)),
    ]),
  );
}

/** The pending renames that options and models request. */
export function collectionRenames(
  models: readonly AnyModel[],
  intent: Intent,
  live: ReadonlyMap<string, LiveCollection>,
): Renames {
  return renamesOf(models, intent, heldIn(live), WORDS);
}
