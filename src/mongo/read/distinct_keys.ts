import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Condition } from "../../query/statement/statement.ts";
import { splitCondition } from "../compile/split_condition.ts";
import { aggregate } from "./aggregate.ts";
import type { ReadContext } from "./read_context.ts";

/** Returns the different values of fields in the rows that match, without those that contain null. */
export async function distinctKeys(
  context: ReadContext,
  model: AnyModel,
  fields: readonly Field[],
  where: Condition,
): Promise<readonly (readonly unknown[])[]> {
  const keys: (readonly unknown[])[] = [];
  for (const part of splitCondition(where)) {
    const groups = await aggregate(context, {
      kind: "aggregate",
      model,
      where: part,
      groupBy: fields,
      measures: [],
      having: [],
      order: [],
      limit: undefined,
    });
    for (const key of groups) if (!key.includes(null)) keys.push(key);
  }
  return keys;
}
