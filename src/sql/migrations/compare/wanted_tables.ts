import type { AnyModel } from "../../../model/types.ts";
import { createBareTables } from "../../schema/create_tables.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { withoutRedundantChecks } from "../../schema/redundant_checks.ts";
import { assertReferences, referencedTables } from "../../schema/references.ts";
import { withAnyCollation } from "../../schema/any_collation.ts";
import {
  lacksPositionIndex,
  positionPrefixes,
} from "../../schema/position_prefixes.ts";
import {
  NO_POSITION_INDEXES,
  type PositionPrefixes,
  textCollation,
  type WantedTable,
  wantedTable,
} from "../../schema/table.ts";
import { refuseOverLimits } from "./column_limit.ts";
import type { EnumDifference } from "../../schema/enum_types.ts";
import { createScratchEnums, enumObjects } from "./enum_types.ts";
import { missingObjectError } from "./refuse_missing_objects.ts";
import { refuseMissingValues } from "./refuse_missing_values.ts";
import { type Extended, extensionsIn, withExtensions } from "./extensions.ts";
import type { Extension } from "../../schema/create_extension.ts";
import { objectsIn, type SchemaObject } from "./schema_objects.ts";
import { refuseUnbalancedSql } from "./refuse_unbalanced_sql.ts";
import {
  copyTables,
  runAll,
  type Scratch,
  scratchTables,
  type Tables,
} from "./scratch_schema.ts";
import { aside } from "../../link/run.ts";

/** What the tables of models need of the schema. */
interface Needed {
  /** The objects to create before the tables. */
  readonly objects: readonly SchemaObject[];
  /** The enum types that are missing or lack values. */
  readonly types: readonly EnumDifference[];
}

/** Options of {@link wantedTables}. */
export interface WantedOptions {
  /** Whether to list existing extensions, and types, sequences and other objects of the schema that the tables need, too. */
  readonly every?: boolean | undefined;
  /** Whether to leave out the position indexes that existing tables lack. */
  readonly adopting?: boolean | undefined;
}

/**
 * Returns the tables that models define, as the server describes them. Missing
 * extensions are created in the scratch schema. If the extension of a position
 * index cannot be created, returns the tables without such indexes.
 *
 * @throws {ModelError} if a foreign key refers to an unknown table or field
 * @throws {MigrationError} if a type or a function is in a schema that
 * migrations do not search
 */
export async function wantedTables(
  scratch: Scratch,
  models: readonly AnyModel[],
  { every = false, adopting = false }: WantedOptions = {},
): Promise<Extended<Tables> & Needed> {
  const collation = textCollation(scratch.isByCodePoint);
  const wantedWith = (prefixes: PositionPrefixes): readonly WantedTable[] =>
    models.map((model) =>
      wantedTable(
        model,
        models,
        collation,
        adopting && lacksPositionIndex(model, scratch.live.get(model.table))
          ? NO_POSITION_INDEXES
          : prefixes,
      )
    );
  const prefixes = await positionPrefixes(scratch.tx);
  let wanted = wantedWith(prefixes);
  refuseOverLimits(wanted);
  refuseUnbalancedSql(wanted);
  assertReferences(models, models, scratch.live);
  await refuseMissingValues(scratch, models);
  const types = await createScratchEnums(scratch, models);
  let used: readonly Extension[] | undefined;
  let objects: readonly SchemaObject[] = [];
  const make = async (): Promise<Tables> => {
    // A foreign key to a live table would block those who write to it.
    await copyTables(
      scratch,
      referencedTables(models).flatMap((name) => scratch.live.get(name) ?? []),
    );
    await runAll(scratch.tx, createBareTables(wanted));
    const names = wanted.map(({ name }) => name);
    const made = withAnyCollation(await scratchTables(scratch, names), wanted);
    if (every) {
      used = await extensionsIn(scratch);
      objects = await objectsIn(scratch);
    }
    return new Map(
      wanted.flatMap(({ name, columns }, index): [string, LiveTable][] => {
        const table = made.get(name);
        const model = models[index];
        if (table === undefined || model === undefined) return [];
        const comments = new Map(
          columns.map(({ name, comment }) => [name, comment ?? null]),
        );
        const commented = table.columns.map((column) => ({
          ...column,
          comment: comments.get(column.name) ?? null,
        }));
        return [[
          name,
          withoutRedundantChecks(
            model,
            { ...table, columns: commented },
            scratch.live.get(name),
          ),
        ]];
      }),
    );
  };
  const made = (): Promise<Extended<Tables>> =>
    withExtensions(scratch, () => aside(scratch.tx, make))
      .catch(async (error: unknown) => {
        throw await missingObjectError(scratch, models, error);
      });
  let result = await made();
  const missing = result.missing;
  if (missing?.name === "cube" || missing?.name === "q3c") {
    wanted = wantedWith({ ...prefixes, [missing.name]: undefined });
    result = { missing, ...await made() };
  }
  const enums = enumObjects(types, every);
  return {
    ...result,
    extensions: used ?? result.extensions,
    objects: [
      ...enums,
      ...objects.filter(({ name }) =>
        !enums.some((type) => type.name === name)
      ),
    ],
    types: every ? [] : types,
  };
}
