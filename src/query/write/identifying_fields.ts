import { QueryError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { keyListText, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";

/**
 * Checks that fields which are not a unique key can identify the rows of an upsert.
 *
 * @throws {QueryError} with the field, and the keys of the model
 */
export function assertIdentifying(
  model: AnyModel,
  conflict: readonly Field[],
): void {
  const keys = keysOf(model);
  const refuse = (problem: string): QueryError =>
    new QueryError(`Cannot upsert ${model.name}: ${problem}`, {
      model: model.name,
      field: "conflict",
    });
  if (conflict.length === 0) {
    throw refuse(
      keys.length === 0
        ? "it has no primary or unique key; name the fields that identify a row in conflict"
        : `conflict must name the fields that identify a row, such as ${
          keyListText(keys)
        }`,
    );
  }
  const uncompared = conflict.find(({ type }) =>
    type.kind === "json" || type.kind === "array"
  );
  if (uncompared !== undefined) {
    throw refuse(
      `conflict cannot name ${uncompared.name}: ${
        uncompared.type.kind === "json" ? "JSON" : "an array"
      } cannot identify a row`,
    );
  }
  const names = new Set(conflict.map(({ name }) => name));
  const key = keys.find((key) => key.every((name) => names.has(name)));
  if (key === undefined) return;
  throw refuse(
    `conflict contains the key ${keyListText([key])} and further fields; pass ${
      JSON.stringify(key)
    }, which alone identifies a row`,
  );
}
