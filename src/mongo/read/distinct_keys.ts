import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../../query/statement/condition.ts";
import { decodeField } from "../codec/decode_field.ts";
import { codecOf } from "../codec/field_codec.ts";
import { compileFilter } from "../compile/filter.ts";
import { splitCondition } from "../compile/split_condition.ts";
import { CODE, serverCode } from "../link/codes.ts";
import { aggregate } from "./aggregate.ts";
import type { ReadContext } from "./read_context.ts";

type Keys = readonly (readonly unknown[])[];

/** Returns the different values of fields in the rows that match, without those that contain null. */
export async function distinctKeys(
  context: ReadContext,
  model: AnyModel,
  fields: readonly Field[],
  where: Condition,
): Promise<Keys> {
  const keys: (readonly unknown[])[] = [];
  for (const part of splitCondition(where)) {
    const found = await distinctValues(context, model, fields, part) ??
      await groupedKeys(context, model, fields, part);
    for (const key of found) if (!key.includes(null)) keys.push(key);
  }
  return keys;
}

/**
 * Reads the values of one field with the command `distinct`, in half the time
 * of `$group`. Returns undefined if it cannot: the reply has at most 16 MB, and
 * its failure would abort a transaction.
 */
async function distinctValues(
  { link, scope }: ReadContext,
  model: AnyModel,
  fields: readonly Field[],
  where: Condition,
): Promise<Keys | undefined> {
  const [field] = fields;
  if (
    field === undefined || fields.length > 1 || scope !== undefined ||
    codecOf(field.type).holdsArrays
  ) return undefined;
  const { column } = field;
  const filter = compileFilter(model, where);
  try {
    const values = await link.send({
      table: model.table,
      command: { name: "distinct", parts: { filter } },
      work: (collection, options): Promise<unknown[]> =>
        collection.distinct(column, filter, options),
      rows: ({ length }) => length,
    });
    return values.map((value) => [
      value === null
        ? null
        : decodeField(model, field, value, { [column]: value }),
    ]);
  } catch (error) {
    if (serverCode(error) === CODE.distinctTooLarge) return undefined;
    throw error;
  }
}

async function groupedKeys(
  context: ReadContext,
  model: AnyModel,
  groupBy: readonly Field[],
  where: Condition,
): Promise<Keys> {
  return await aggregate(context, {
    kind: "aggregate",
    model,
    where,
    groupBy,
    measures: [],
    having: [],
    order: [],
    limit: undefined,
  });
}
