import type { AnyModel } from "../../../model/types.ts";
import { plainText } from "../../codec/sql_text.ts";
import { createBareTables } from "../../schema/ddl.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { refuseLostReferences, tablesBeside } from "../../schema/references.ts";
import { wantedTable } from "../../schema/table.ts";
import { refuseLackingValues } from "./enum_values.ts";
import {
  type Extension,
  extensionsIn,
  type Made,
  withExtensions,
} from "./extensions.ts";
import { refuseLooseSql } from "./refuse_unbalanced_sql.ts";
import { refuseOverLimits } from "./column_limit.ts";
import {
  aside,
  copyTables,
  runAll,
  type Scratch,
  scratchTables,
  type Tables,
} from "./scratch_schema.ts";

/**
 * The tables that models want; extensions that they need and the database has
 * not are made in the scratch place.
 *
 * @param every whether extensions that are there are named too
 * @throws {ModelError} where a foreign key refers to what is not there
 * @throws {MigrationError} where a type or a function is in a schema in which
 * migrations do not look
 */
export async function wantedTables(
  scratch: Scratch,
  models: readonly AnyModel[],
  every = false,
): Promise<Made<Tables>> {
  const wanted = models.map((model) => wantedTable(model, models));
  refuseOverLimits(wanted);
  refuseLooseSql(wanted);
  const own = new Set(wanted.map(({ name }) => name));
  refuseLostReferences(models, models, scratch.live);
  await refuseLackingValues(scratch, models);
  let needs: readonly Extension[] | undefined;
  const make = async (): Promise<Tables> => {
    // A foreign key to a live table would hold up those who write to it.
    await copyTables(
      scratch,
      tablesBeside(models).flatMap((name) => scratch.live.get(name) ?? []),
    );
    await runAll(scratch.tx, createBareTables(wanted).map(plainText));
    const made = await scratchTables(scratch, [...own]);
    if (every) needs = await extensionsIn(scratch);
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
  };
  const result = await withExtensions(scratch, () => aside(scratch.tx, make));
  return { ...result, extensions: needs ?? result.extensions };
}
