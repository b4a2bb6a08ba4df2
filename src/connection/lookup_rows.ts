import { fieldsNamed } from "../model/keys.ts";
import type { AnyModel } from "../model/types.ts";
import type { Query } from "../query/query.ts";

/** Rows that one query looks for at most. */
const ROWS = 500;

/**
 * Describes the look-up rows of models that are missing or have other values,
 * one line each. The database compares the values. Models without a primary key,
 * and rows whose key the server numbers, are left out.
 */
export async function differentLookupRows(
  models: Iterable<AnyModel>,
  query: (model: AnyModel) => Query<AnyModel>,
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const model of models) {
    const key = model.primaryKey.map(String);
    const rows = model.seed.filter((row) => hasKey(row, key));
    if (key.length === 0) continue;
    for (let from = 0; from < rows.length; from += ROWS) {
      const part = rows.slice(from, from + ROWS);
      lines.push(...await differencesOf(model, query(model), key, part));
    }
  }
  return lines;
}

async function differencesOf(
  model: AnyModel,
  query: Query<AnyModel>,
  key: readonly string[],
  rows: readonly object[],
): Promise<string[]> {
  const equal = await query.count({
    filterBy: { or: rows.map((row) => conditions(row, Object.keys(row))) },
  });
  if (equal === rows.length) return [];
  const lines: string[] = [];
  for (const row of rows) {
    const has = (names: readonly string[]): Promise<boolean> =>
      query.checkExists({ filterBy: conditions(row, names) });
    if (await has(Object.keys(row))) continue;
    const values = fieldsNamed(model, key).map(({ name, column }) =>
      `${column}=${Reflect.get(row, name)}`
    );
    const title = `${model.table} (${values.join(", ")})`;
    if (!await has(key)) {
      lines.push(`the look-up row ${title} is missing`);
      continue;
    }
    for (const name of Object.keys(row)) {
      if (key.includes(name) || await has([...key, name])) continue;
      lines.push(`the look-up row ${title} has another ${name}`);
    }
  }
  return lines;
}

function conditions(row: object, names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => {
    const value: unknown = Reflect.get(row, name);
    return [name, value === null ? { isNull: true } : { eq: value }];
  }));
}

function hasKey(row: object, key: readonly string[]): boolean {
  return key.every((name) => Reflect.get(row, name) !== undefined);
}
