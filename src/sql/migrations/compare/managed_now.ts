import type { AnyModel } from "../../../model/types.ts";
import type { SqlLink } from "../../link/link.ts";
import { currentSchema, liveTables } from "../../schema/introspect.ts";
import { keyName, type WantedTable, wantedTable } from "../../schema/table.ts";
import { place } from "../../../migrations/plan/managed_names.ts";

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
