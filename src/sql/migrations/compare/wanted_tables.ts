import type { AnyModel } from "../../../model/types.ts";
import { createBareTables } from "../../schema/create_tables.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { refuseLostReferences, tablesBeside } from "../../schema/references.ts";
import { wantedTable } from "../../schema/table.ts";
import { refuseOverLimits } from "./column_limit.ts";
import { refuseMissingValues } from "./refuse_missing_values.ts";
import {
  type Extended,
  type Extension,
  extensionsIn,
  withExtensions,
} from "./extensions.ts";
import { refuseUnbalancedSql } from "./refuse_unbalanced_sql.ts";
import {
  copyTables,
  runAll,
  type Scratch,
  scratchTables,
  type Tables,
} from "./scratch_schema.ts";
import { aside } from "../../schema/run.ts";

/**
 * Returns the tables that models want, as the server describes them. Missing
 * extensions are created in the scratch schema.
 *
 * @param every whether to list existing extensions, too
 * @throws {ModelError} if a foreign key refers to an unknown table or field
 * @throws {MigrationError} if a type or a function is in a schema that
 * migrations do not search
 */
export async function wantedTables(
  scratch: Scratch,
  models: readonly AnyModel[],
  every = false,
): Promise<Extended<Tables>> {
  const wanted = models.map((model) => wantedTable(model, models));
  refuseOverLimits(wanted);
  refuseUnbalancedSql(wanted);
  refuseLostReferences(models, models, scratch.live);
  await refuseMissingValues(scratch, models);
  let used: readonly Extension[] | undefined;
  const make = async (): Promise<Tables> => {
    // A foreign key to a live table would block those who write to it.
    await copyTables(
      scratch,
      tablesBeside(models).flatMap((name) => scratch.live.get(name) ?? []),
    );
    await runAll(scratch.tx, createBareTables(wanted));
    const made = await scratchTables(scratch, wanted.map(({ name }) => name));
    if (every) used = await extensionsIn(scratch);
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
  return { ...result, extensions: used ?? result.extensions };
}
