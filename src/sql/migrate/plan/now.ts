import type { AnyModel } from "../../../model/types.ts";
import type { SqlDriver, SqlLink } from "../../link.ts";
import { currentSchema, liveTables } from "../../schema/introspect.ts";
import { keyName, type WantedTable, wantedTable } from "../../schema/table.ts";
import { difference } from "./difference.ts";
import { place } from "./managed.ts";
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
  const wanted = models.map((model) => wantedTable(model, models));
  const live = await liveTables(link, home, wanted.map(({ name }) => name));
  return wanted.flatMap((table) => {
    const there = live.get(table.name);
    if (there === undefined) return [];
    const columns = new Set(there.columns.map(({ name }) => name));
    const rules = new Set(
      [...there.constraints, ...there.indexes].map(({ name }) => name),
    );
    return [
      table.name,
      ...table.columns.filter(({ name }) => columns.has(name)).map(({ name }) =>
        place.column(table.name, name)
      ),
      ...ruleNames(table).filter((name) => rules.has(name)).map((name) =>
        place.rule(table.name, name)
      ),
    ];
  });
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

/** What is different between the tables and the models, in words. */
export async function differencesNow(
  driver: SqlDriver,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  return await inScratch(driver, schema, async (scratch) => {
    const wanted = await wantedTables(scratch, models);
    const { changes } = await difference(
      scratch,
      models,
      scratch.live,
      wanted,
      {
        intent: { renames: new Map(), drops: new Set(), defaults: new Map() },
        managed: [],
      },
    );
    return changes.map(inWords);
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
