import type { SchemaPlan } from "../../../migration.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlLink } from "../../link.ts";
import { currentSchema, liveTables } from "../../schema/introspect.ts";
import { keyName, type WantedTable, wantedTable } from "../../schema/table.ts";
import { difference } from "./difference.ts";
import { place } from "../../../migration_names.ts";
import { extensionsInWords } from "./extensions.ts";
import { inScratch } from "./scratch.ts";
import { wantedTables } from "./wanted.ts";
import { inWords } from "./words.ts";

/** What the models manage and is there: `object`, `object.oid`, `object#ix_object_oid`. What is there under another name than a model gives it is not among it. */
export async function managedNow(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  const home = schema ?? await currentSchema(link);
  const live = await liveTables(link, home, models.map(({ table }) => table));
  const there = new Set([...live.values()].flatMap((table) => [
    table.name,
    ...table.columns.map(({ name }) => place.column(table.name, name)),
    ...[...table.constraints, ...table.indexes].map(({ name }) =>
      place.rule(table.name, name)
    ),
  ]));
  return managedBy(models).filter((name) => there.has(name));
}

/** The names of the constraints and indexes that a model wants. */
function ruleNames(table: WantedTable): string[] {
  return [
    ...table.primaryKey.length === 0 ? [] : [keyName(table.name)],
    ...[
      ...table.unique,
      ...table.checks,
      ...table.foreignKeys,
      ...table.indexes,
    ].map(({ name }) => name),
  ];
}

/** Names of all that models want, as the history has them. */
export function managedBy(models: readonly AnyModel[]): string[] {
  return models.map((model) => wantedTable(model, models)).flatMap((table) => [
    table.name,
    ...table.columns.map(({ name }) => place.column(table.name, name)),
    ...ruleNames(table).map((name) => place.rule(table.name, name)),
  ]);
}

/** What is different between the tables and the models, in words, and what neither models nor history know. */
export async function differencesNow(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
  managed: readonly string[],
): Promise<Pick<SchemaPlan, "changes" | "unmanaged">> {
  return await inScratch(driver, schema, async (scratch) => {
    const { made: wanted, extensions, lacking } = await wantedTables(
      scratch,
      models,
    );
    const comes = extensionsInWords({ extensions, lacking });
    // Without it the server cannot say what else the models want.
    if (wanted === undefined) return { changes: comes, unmanaged: [] };
    const { changes, unmanaged } = await difference(
      scratch,
      models,
      scratch.live,
      wanted,
      {
        intent: { renames: new Map(), drops: new Set(), defaults: new Map() },
        managed: [],
      },
    );
    const ours = new Set(managed);
    return {
      changes: [...comes, ...changes.map(inWords)],
      unmanaged: unmanaged.filter((name) => !ours.has(name)),
    };
  });
}

/** Whether none of the models' tables is there. */
export async function isEmpty(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<boolean> {
  const home = schema ?? await currentSchema(link);
  const names = models.map(({ table }) => table);
  return (await liveTables(link, home, names)).size === 0;
}
