import type { AnyModel } from "../../../model/types.ts";
import type { SqlLink } from "../../link/link.ts";
import { currentSchema, definedTables } from "../../schema/introspect.ts";
import { keyName, type WantedTable, wantedTable } from "../../schema/table.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";

/** Returns the existing objects that have a name of the models: `object`, `object.oid`, `object#ix_object_oid`. */
export async function managedNow(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string | undefined,
): Promise<readonly string[]> {
  const home = schema ?? await currentSchema(link);
  const live = await definedTables(
    link,
    home,
    models.map(({ table }) => table),
  );
  const existing = new Set([...live.values()].flatMap((table) => [
    table.name,
    ...table.columns.map(({ name }) => managedName.column(table.name, name)),
    ...[...table.constraints, ...table.indexes].map(({ name }) =>
      managedName.rule(table.name, name)
    ),
  ]));
  return managedBy(models).filter((name) => existing.has(name));
}

/** Returns the names of the constraints and indexes that a model defines. */
function ruleNames(table: WantedTable): string[] {
  return [
    ...table.primaryKey.length === 0
      ? []
      : [table.primaryKeyName ?? keyName(table.name)],
    ...[
      ...table.unique,
      ...table.checks,
      ...table.foreignKeys,
      ...table.indexes,
    ].map(({ name }) => name),
  ];
}

/** Returns the names of all objects that models define, in the spelling of the history. */
export function managedBy(models: readonly AnyModel[]): string[] {
  return models.map((model) => wantedTable(model, models)).flatMap((table) => [
    table.name,
    ...table.columns.map(({ name }) => managedName.column(table.name, name)),
    ...ruleNames(table).map((name) => managedName.rule(table.name, name)),
  ]);
}
