import { ModelError, suggestionText } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";
import type { SqlLink } from "../link/link.ts";

/** The tables that foreign keys refer to and that no model has. */
export function tablesBeside(models: readonly AnyModel[]): string[] {
  const own = new Set(models.map(({ table }) => table));
  const named = models.flatMap(({ foreignKeys }) =>
    foreignKeys.map(({ references }) => references.table)
  );
  return [...new Set(named)].filter((table) => !own.has(table));
}

/** Those of the tables that the server finds: in a schema, or on its path where that is undefined. */
export async function tablesThere(
  link: SqlLink,
  schema: string | undefined,
  tables: readonly string[],
): Promise<ReadonlySet<string>> {
  const there = new Set<string>();
  if (tables.length === 0) return there;
  await link.query({
    text: THERE,
    values: [schema ?? null, JSON.stringify(tables)],
  }, (
    [name],
  ) => there.add(String(name)));
  return there;
}

const THERE = `
select name from json_array_elements_text(cast($2 as json)) as name
where to_regclass(concat_ws('.', quote_ident($1), quote_ident(name))) is not null`;

/**
 * Looks at what foreign keys refer to.
 *
 * @param beside tables that no model has and that are there
 * @throws {ModelError} naming the key, and the nearest table or field
 */
export function refuseLostReferences(
  models: readonly AnyModel[],
  all: readonly AnyModel[],
  beside: { has(table: string): boolean },
): void {
  const byTable = new Map(all.map((model) => [model.table, model]));
  for (const { name, foreignKeys } of models) {
    for (
      const { fields, references: { table, fields: others } } of foreignKeys
    ) {
      const key = `the foreign key of ${name}.${fields.join(", ")}`;
      const other = byTable.get(table);
      if (other === undefined && !beside.has(table)) {
        throw lost(
          `${key} refers to the table ${table}, which no model of this connection has, nor has the database`,
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
    `Cannot make the models' tables: ${problem}${
      suggestionText(nearest(name, known))
    }`,
  );
}
