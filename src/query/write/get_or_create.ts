import {
  type ConstraintFields,
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../../base/errors/mod.ts";
import { keyListText, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { withReadableRows } from "../checks/unreadable_row.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { compileReadOne, fetchOne } from "../read/find.ts";
import { equalities, hasRelations, NONE } from "../statement/condition.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import { withExtra } from "./extra_fields.ts";
import { ofOneRow } from "./of_one_row.ts";
import { newRow, type Values } from "./values.ts";

/** Returns the row that the filter matches, or creates it from the filter's values and the other options. */
export async function getOrCreate(
  executor: Executor,
  model: AnyModel,
  options: { readonly filterBy: unknown },
  models: Models,
): Promise<[row: object, created: boolean]> {
  const where = compileFilter(model, options.filterBy, models);
  if (hasRelations(where)) {
    throw new QueryError(
      `Cannot get or create ${model.name}: filterBy describes the new row, so it cannot filter by relations`,
      { model: model.name, field: "filterBy" },
    );
  }
  const given = equalities(where);
  const terms = where.kind === "and" ? where.terms : [where];
  if (terms.includes(NONE)) {
    throw new QueryError(
      `Cannot get or create ${model.name}: filterBy matches no row, so it would not find the new one`,
      { model: model.name, field: "filterBy" },
    );
  }
  const keys = keysOf(model);
  const isGiven = (name: string): boolean => {
    const field = model.byName.get(name);
    return field !== undefined && given.has(field);
  };
  if (!keys.some((key) => key.every(isGiven))) {
    throw new QueryError(
      keys.length === 0
        ? `Cannot get or create ${model.name}: it has no primary or unique key`
        : `Cannot get or create ${model.name}: filterBy must have one value for each field of a key: ${
          keyListText(keys)
        }`,
      { model: model.name, field: "filterBy" },
    );
  }
  let row: Values;
  try {
    row = model.mongo.extra === undefined
      ? newRow(model, options, 0, given, "filterBy")
      : withReadableRows(
        model,
        (row) => newRow(model, withExtra(model, row), 0),
      )(
        attributesOf(options, given),
        0,
      );
  } catch (error) {
    // Invalid attributes matter only if the row must be created.
    if (!(error instanceof ValidationError)) throw ofOneRow(error);
    const existing = await fetchOne(
      executor,
      compileReadOne(model, {}, new Map(), where),
    );
    if (existing !== null) return [existing, false];
    throw ofOneRow(error);
  }
  try {
    const { row: result, created } = await executor.run({
      kind: "getOrCreate",
      model,
      where,
      row,
    });
    return [result, created];
  } catch (error) {
    throw ofOneRow(error);
  }
}

/** The values of the filter and the other options, as one row. */
function attributesOf(
  { filterBy: _, ...attributes }: { readonly filterBy: unknown },
  given: Values,
): object {
  const fromFilter = Array.from(given, ([{ name }, value]) => [name, value]);
  return { ...attributes, ...Object.fromEntries(fromFilter) };
}

/** The error of an engine that finds neither the row nor room for a new one: another row holds one of its keys. */
export function keyTakenError(
  model: AnyModel,
  fields: ConstraintFields = {},
): DuplicateKeyError {
  return new DuplicateKeyError(
    `Cannot create ${model.name}: a row with the same key differs in the rest of the filter or in another unique key`,
    {
      model: model.name,
      table: model.table,
      fields: model.primaryKey.map(String),
      ...fields,
    },
  );
}
