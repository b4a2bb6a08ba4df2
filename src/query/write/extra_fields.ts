import type { AnyModel } from "../../model/types.ts";

/**
 * The row with its undeclared attributes in the field that the model has for
 * them, beside what it gives there itself; as it is where the model has none.
 * What MongoDB derives is left out.
 */
export function withExtra(
  { mongo: { extra, derived }, byName }: AnyModel,
  row: object,
): object {
  if (extra === undefined) return row;
  const others = Object.entries(row).filter(([name]) => !byName.has(name));
  if (others.length === 0) return row;
  const declared = Object.entries(row).filter(([name]) => byName.has(name));
  const taken = others.filter(([name]) => !derived.has(name));
  const given: unknown = Reflect.get(row, extra);
  return Object.fromEntries([
    ...declared,
    ...(taken.length === 0
      ? []
      : [[extra, { ...Object(given ?? {}), ...Object.fromEntries(taken) }]]),
  ]);
}
