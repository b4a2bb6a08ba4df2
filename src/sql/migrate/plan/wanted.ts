import type { AnyModel } from "../../../model/types.ts";
import { plainText } from "../../builder.ts";
import { createBareTables } from "../../schema/ddl.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { refuseLostReferences, tablesBeside } from "../../schema/references.ts";
import { wantedTable } from "../../schema/table.ts";
import { refuseLackingValues } from "./enums.ts";
import { refuseLongNames } from "./long_names.ts";
import {
  aside,
  copyTables,
  runAll,
  type Scratch,
  scratchTables,
  type Tables,
} from "./scratch.ts";
import { unmade } from "./unmade.ts";

/**
 * The tables that models want, as the server spells them.
 *
 * @throws {ModelError} where a foreign key refers to what is not there
 */
export async function wantedTables(
  scratch: Scratch,
  models: readonly AnyModel[],
): Promise<Tables> {
  const wanted = models.map((model) => wantedTable(model, models));
  refuseLongNames(wanted);
  const own = new Set(wanted.map(({ name }) => name));
  refuseLostReferences(models, models, scratch.live);
  await refuseLackingValues(scratch, models);
  return await aside(scratch.tx, async () => {
    // A foreign key to a live table would hold up those who write to it.
    await copyTables(
      scratch,
      tablesBeside(models).flatMap((name) => scratch.live.get(name) ?? []),
    );
    await runAll(scratch.tx, createBareTables(wanted).map(plainText));
    const made = await scratchTables(scratch, [...own]);
    return new Map(
      wanted.flatMap(({ name, columns }): [string, LiveTable][] => {
        const table = made.get(name);
        if (table === undefined) return [];
        const comments = new Map(
          columns.map(({ name, comment }) => [name, comment ?? null]),
        );
        const commented = table.columns.map((column) => ({
          ...column,
          comment: comments.get(column.name) ?? null,
        }));
        return [[name, { ...table, columns: commented }]];
      }),
    );
  }).catch(async (error) => {
    throw await unmade(scratch, error);
  });
}
