import type { Intent } from "../../../engine/migrations/mod.ts";
import type { ObjectWords } from "../../../migrations/plan/rename.ts";
import {
  type Held,
  type Renames,
  renamesOf,
} from "../../../migrations/plan/renames.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { Tables } from "./scratch_schema.ts";

/** The words of SQL engines. */
export const WORDS: ObjectWords = { table: "table", column: "column" };

/** Returns the existing tables, and the columns of each. */
export function heldIn(live: Tables): Held {
  return new Map(
    [...live].map(([name, { columns }]) => [
      name,
      new Set(columns.map(({ name }) => name)),
    ]),
  );
}

/** Returns the pending renames that options and models ask for. */
export function tableRenames(
  models: readonly AnyModel[],
  intent: Intent,
  live: Tables,
): Renames {
  return renamesOf(models, intent, heldIn(live), WORDS);
}

/** Returns the renames as changes, tables first. */
export function renameChanges(
  { tables, columns }: Renames,
): ChangeOf<"rename">[] {
  return [
    ...[...tables].map(([from, to]): ChangeOf<"rename"> => (
      { kind: "rename", what: "table", table: to, from, to }
    )),
    ...[...columns].flatMap(([old, columns]) =>
      [...columns].map(([from, to]): ChangeOf<"rename"> => (
        {
          kind: "rename",
          what: "column",
          table: tables.get(old) ?? old,
          from,
          to,
        }
      ))
    ),
  ];
}
