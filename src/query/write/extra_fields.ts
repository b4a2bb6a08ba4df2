import type { AnyModel } from "../../model/types.ts";

/**
 * Moves the undeclared attributes of a row into the model's `mongo.extra` field,
 * in addition to the values that the row has there. Drops derived values. Returns the
 * row itself if the model has no such field.
 */
export function withExtra(
  { mongo: { extra, derived }, byName }: AnyModel,
  row: object,
): object {
  if (extra === undefined) return row;
  const undeclared = Object.entries(row).filter(([name]) => !byName.has(name));
  if (undeclared.length === 0) return row;
  const declared = Object.entries(row).filter(([name]) => byName.has(name));
  const moved = undeclared.filter(([name]) => !derived.has(name));
  const given: unknown = Reflect.get(row, extra);
  return Object.fromEntries([
    ...declared,
    ...(moved.length === 0
      ? []
      : [[extra, { ...Object(given ?? {}), ...Object.fromEntries(moved) }]]),
  ]);
}
