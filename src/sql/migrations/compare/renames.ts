import type { Intent } from "../../../engine/migrations/mod.ts";
import type { Words } from "../../../migrations/plan/rename.ts";
import {
  type Held,
  type Renames,
  renamesOf,
} from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { Change } from "./change.ts";
import type { Tables } from "./scratch_schema.ts";

const WORDS: Words = { table: "table", column: "column" };

/** The tables that are there, and the columns of each. */
export function heldIn(live: Tables): Held {
  return new Map(
    [...live].map(([name, { columns }]) => [
      name,
      new Set(columns.map(({ name }) => name)),
    ]),
  );
}

/** The renames that options and models ask for, and that are still to be made. */
export function tableRenames(
  models: readonly AnyModel[],
  intent: Intent,
  live: Tables,
): Renames {
  return renamesOf(models, intent, heldIn(live), WORDS);
}

/** The renames as changes, tables first. */
export function renameChanges({ tables, columns }: Renames): Change[] {
  return [
    ...[...tables].map(([from, to]): Change => ({
      kind: "rename-table",
      table: to,
      from,
      to,
    })),
    ...[...columns].flatMap(([old, columns]) =>
      [...columns].map(([from, to]): Change => ({
        kind: "rename-column",
        table: tables.get(old) ?? old,
        from,
        to,
      }))
    ),
  ];
}
