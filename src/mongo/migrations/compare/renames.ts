import type { Intent } from "../../../engine/migrations/mod.ts";
import type { ObjectWords } from "../../../migrations/plan/rename.ts";
import {
  type Held,
  type Renames,
  renamesOf,
} from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { Live } from "./live_collections.ts";
import { columnsOf } from "./validator.ts";

const WORDS: ObjectWords = { table: "collection", column: "field" };

/** The collections that are there, and the fields of which their rules tell. */
export function heldIn(live: ReadonlyMap<string, Live>): Held {
  return new Map(
    [...live].map(([name, { validator }]) => [
      name,
      new Set(columnsOf(validator)),
    ]),
  );
}

/** The renames that options and models ask for, and that are still to be made. */
export function collectionRenames(
  models: readonly AnyModel[],
  intent: Intent,
  live: ReadonlyMap<string, Live>,
): Renames {
  return renamesOf(models, intent, heldIn(live), WORDS);
}
