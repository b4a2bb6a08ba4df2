import { ModelError, suggestionText } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";
import type { SqlLink } from "../link/link.ts";
import { rows } from "../link/run.ts";

/** Returns the tables that foreign keys refer to and no model describes. */
export function referencedTables(models: readonly AnyModel[]): string[] {
  const own = new Set(models.map(({ table }) => table));
  const named = models.flatMap(({ foreignKeys }) =>
    foreignKeys.map(({ references }) => references.table)
  );
  return [...new Set(named)].filter((table) => !own.has(table));
}

/** Returns the tables that exist in a schema, or on the search path if that is undefined. */
export async function existingTables(
  link: SqlLink,
  schema: string | undefined,
  tables: readonly string[],
): Promise<ReadonlySet<string>> {
  if (tables.length === 0) return new Set();
  const values = [schema ?? null, JSON.stringify(tables)];
  const existing = await rows(link, EXISTING, values);
  return new Set(existing.map(([name]) => String(name)));
}

const EXISTING = `
select name from json_array_elements_text(cast($2 as json)) as name
where to_regclass(concat_ws('.', quote_ident($1), quote_ident(name))) is not null`;

/**
 * Checks the tables and fields that foreign keys refer to.
 *
 * @param unmodeled existing tables that no model describes
 * @throws {ModelError} with the key and the nearest table or field
 */
export function assertReferences(
  models: readonly AnyModel[],
  all: readonly AnyModel[],
  unmodeled: { has(table: string): boolean },
): void {
  const byTable = new Map(all.map((model) => [model.table, model]));
  for (const { name, foreignKeys } of models) {
    for (
      const { fields, references: { table, fields: others } } of foreignKeys
    ) {
      const key = `the foreign key of ${name}.${fields.join(", ")}`;
      const other = byTable.get(table);
      if (other === undefined && !unmodeled.has(table)) {
        throw lost(
          `${key} refers to ${table}, which is neither a table of these models nor a table of the connection's schema${
            table.includes(".")
              ? " (a foreign key to another schema cannot be declared)"
              : ""
          }`,
          table,
          byTable.keys(),
        );
      }
      const unknown = other &&
        others.find((field) =>
          !other.byName.has(field) &&
          !other.fields.some(({ column }) => column === field)
        );
      if (other !== undefined && unknown !== undefined) {
        throw lost(
          `${key} refers to ${table}.${unknown}, which is not a field`,
          unknown,
          other.byName.keys(),
        );
      }
    }
  }
}

function lost(
  problem: string,
  name: string,
  known: Iterable<string>,
): ModelError {
  return new ModelError(
    `Cannot create the tables of the models: ${problem}${
      suggestionText(nearest(name, known))
    }`,
  );
}
