import {
  type ConstraintFields,
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../../base/errors/mod.ts";
import { keyListText, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { createRead, fetchOne } from "../read/find.ts";
import { equalities } from "../statement/condition.ts";
import type { Executor } from "../statement/executor.ts";
import { withExtra } from "./extra_fields.ts";
import { ofOneRow } from "./of_one_row.ts";
import { newRow, type Values } from "./values.ts";

/** Returns the row that the filter matches, or creates it from the filter's values and the attributes. */
export async function getOrCreate(
  executor: Executor,
  model: AnyModel,
  filterBy: unknown,
  attributes: object,
): Promise<[row: object, created: boolean]> {
  const where = compileFilter(model, filterBy);
  const given = equalities(where);
  const names = new Set([...given.keys()].map(({ name }) => name));
  const keys = keysOf(model);
  if (!keys.some((key) => key.every((field) => names.has(field)))) {
    throw new QueryError(
      keys.length === 0
        ? `Cannot get or create ${model.name}: it has no primary or unique key`
        : `Cannot get or create ${model.name}: filterBy must have one value for each field of a key: ${
          keyListText(keys)
        }`,
      { model: model.name, field: "filterBy" },
    );
  }
  const fromFilter = Object.fromEntries(
    [...given].map(([field, value]) => [field.name, value]),
  );
  let row: Values;
  try {
    row = newRow(
      model,
      withExtra(model, { ...attributes, ...fromFilter }),
      0,
    );
  } catch (error) {
    // Invalid attributes matter only if the row must be created.
    if (!(error instanceof ValidationError)) throw error;
    const existing = await fetchOne(
      executor,
      createRead(model, {}, new Map(), {
        where,
        order: [],
        limit: 2,
        offset: 0,
      }),
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
