import { QueryError, withOutcome } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldNamed } from "../checks/field_names.ts";
import type { Executor } from "../statement/executor.ts";
import type { Returned, Sort } from "../statement/statement.ts";
import { type GivenKeys, inGivenOrder, returnedKey } from "./given_order.ts";
import { rowPart } from "./row_part.ts";

/**
 * The result of a call that writes rows: their number, or also the rows if it names fields of them.
 *
 * @internal
 */
export type Written<
  Row extends object,
  R extends keyof Row,
  Count extends string,
> = [R] extends [never] ? number
  : { [N in Count]: number } & { rows: Pick<Row, R>[] };

/**
 * The result of a call that writes given rows: numbers, and the written rows if
 * it names fields of them.
 *
 * @internal
 */
export type WithRows<
  Counts extends object,
  Row extends object,
  R extends keyof Row,
> = [R] extends [never] ? Counts : Counts & { rows: Pick<Row, R>[] };

/**
 * Returns the fields of the option `returning`; undefined without the option.
 *
 * @throws {QueryError} if it is not an array of at least one field, with the most
 * similar field if a name is unknown
 */
export function returnedFields(
  model: AnyModel,
  returning: unknown,
): readonly Field[] | undefined {
  if (returning === undefined) return undefined;
  if (!Array.isArray(returning) || returning.length === 0) {
    throw new QueryError(
      `Cannot return rows of ${model.name}: returning must be an array of at least one field name`,
      { model: model.name, field: "returning" },
    );
  }
  return [...new Set(returning)].map((name) =>
    fieldNamed(model, String(name), "return rows of")
  );
}

/**
 * Returns the rows that a statement on a condition returns; undefined without the
 * option `returning`.
 *
 * @throws {QueryError} if the fields are wrong, or the model has no primary key
 */
export function returnedInOrder(
  model: AnyModel,
  given: unknown,
): Returned | undefined {
  const returning = returnedFields(model, given);
  if (returning === undefined) return undefined;
  const key = fieldsNamed(model, model.primaryKey);
  if (key.length === 0) {
    throw new QueryError(
      `Cannot return rows of ${model.name}: it has no primary key, which orders them`,
      { model: model.name, field: "returning" },
    );
  }
  const order = key.map((field): Sort => ({
    field,
    direction: "asc",
    nulls: "last",
  }));
  return { returning, order };
}

/** Returns the fields that a statement must return: the requested ones, and those of the key that orders the rows. */
export function withKeyFields(
  returning: readonly Field[],
  key: readonly Field[],
): readonly Field[] {
  const others = key.filter((field) => !returning.includes(field));
  return others.length === 0 ? returning : [...returning, ...others];
}

/**
 * Returns the written rows in the order of the given ones, each once, with only
 * the requested fields.
 *
 * @param rows what the engine returned
 * @throws {QueryError} if the engine returned no rows
 */
export async function returnedRows(
  executor: Executor,
  model: AnyModel,
  returning: readonly Field[],
  given: GivenKeys,
  rows: readonly object[] | undefined,
): Promise<object[]> {
  if (rows === undefined) {
    throw withOutcome(
      new QueryError(
        `Cannot return rows of ${model.name}: the engine or middleware returned none`,
        { model: model.name, field: "returning" },
      ),
      "applied",
    );
  }
  const ordered = await inGivenOrder(executor, model, given, rows);
  const isWhole = returnedKey(given).every((field) =>
    returning.includes(field)
  );
  return isWhole
    ? ordered
    : ordered.map((row) => rowPart(model, row, returning));
}
