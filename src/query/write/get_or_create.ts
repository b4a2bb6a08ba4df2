import {
  type ConstraintFields,
  DuplicateKeyError,
  QueryError,
  ValidationError,
} from "../../base/errors/mod.ts";
import { keyListText, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import { withExtra } from "./extra_fields.ts";
import { oneOf, read } from "../read/find.ts";
import { equalities } from "../statement/condition.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { newRow, type Values } from "./values.ts";

/** The row that the filter names, or a new one of the filter's values and the attributes. */
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
        : `Cannot get or create ${model.name}: filterBy must give one value for each field of a key: ${
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
    if (!(error instanceof ValidationError)) throw error;
    const there = await oneOf(
      executor,
      read(model, {}, new Map(), { where, order: [], limit: 2, offset: 0 }),
    );
    if (there !== null) return [there, false];
    throw error;
  }
  const { row: found, created } = await executor.run({
    kind: "getOrCreate",
    model,
    where,
    row,
  });
  return [found, created];
}

/** What an engine throws where neither the row is there nor a new one can be made: a key is another's. */
export function keyTaken(
  model: AnyModel,
  fields: ConstraintFields = {},
): DuplicateKeyError {
  return new DuplicateKeyError(
    `Cannot create ${model.name}: a key is taken by a row that differs in the rest of the filter or in another unique key`,
    { table: model.table, fields: model.primaryKey.map(String), ...fields },
  );
}
