import { MigrationError } from "../../../errors.ts";
import type { Intent } from "../../../migration.ts";
import type { AnyModel } from "../../../model/types.ts";
import { nearest } from "../../../nearest.ts";

/**
 * From old names of collections to new ones, as far as they are still to be
 * made.
 *
 * @throws {MigrationError} with exit code 7 where the names fit neither the
 * database nor the models
 */
export function collectionRenames(
  models: readonly AnyModel[],
  { renames }: Intent,
  live: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const tables = new Set(models.map(({ table }) => table));
  const asked = new Map([
    ...models.flatMap(({ table, renamedFrom }): [string, string][] =>
      renamedFrom === undefined || live.has(table) || tables.has(renamedFrom) ||
        !live.has(renamedFrom)
        ? []
        : [[renamedFrom, table]]
    ),
    ...[...renames].filter(([from]) => !from.includes(".")),
  ]);
  return pending(asked, tables, live, "collection", "");
}

/** The same for the fields of a collection, which may have had another name. */
export function fieldRenames(
  model: AnyModel,
  collection: string,
  { renames }: Intent,
  live: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const columns = new Set(model.fields.map(({ column }) => column));
  const asked = new Map(
    model.fields.flatMap(({ column, renamedFrom }): [string, string][] =>
      renamedFrom === undefined || live.has(column) ||
        columns.has(renamedFrom) || !live.has(renamedFrom)
        ? []
        : [[renamedFrom, column]]
    ),
  );
  for (const [one, other] of renames) {
    const from = within(one, [collection, model.table]);
    const to = within(other, [collection, model.table]);
    if (from !== undefined && to !== undefined) asked.set(from, to);
  }
  return pending(asked, columns, live, "field", `${model.table}.`);
}

function pending(
  asked: ReadonlyMap<string, string>,
  wanted: ReadonlySet<string>,
  live: ReadonlySet<string>,
  what: string,
  before: string,
): ReadonlyMap<string, string> {
  const left = new Map<string, string>();
  for (const [from, to] of asked) {
    if (!live.has(from) && live.has(to)) continue;
    const wrong = !wanted.has(to) ? to : !live.has(from) ? from : undefined;
    if (wrong !== undefined) {
      const close = nearest(wrong, wrong === to ? wanted : live);
      throw new MigrationError(
        `Cannot rename ${before}${from} to ${before}${to}: ${
          wrong === to ? "no model has" : "the database has no"
        } ${wrong === to ? `a ${what}` : what} ${before}${wrong}${
          close === undefined ? "" : `; did you mean ${before}${close}?`
        }`,
        { exitCode: 7 },
      );
    }
    if (live.has(to)) {
      throw new MigrationError(
        `Cannot rename ${before}${from} to ${before}${to}: both are there`,
        { exitCode: 7 },
      );
    }
    left.set(from, to);
  }
  return left;
}

function within(name: string, tables: readonly string[]): string | undefined {
  const table = tables.find((table) => name.startsWith(`${table}.`));
  return table === undefined ? undefined : name.slice(table.length + 1);
}
