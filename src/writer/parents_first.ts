import type { AnyModel } from "../model/types.ts";

/**
 * Returns models so that each one follows those that its foreign keys refer to,
 * and otherwise in the given order. A cycle of foreign keys begins with its first
 * model.
 */
export function parentsFirst(models: readonly AnyModel[]): AnyModel[] {
  let rest = [...models];
  const sorted: AnyModel[] = [];
  while (rest.length > 0) {
    const ancestors = new Map(
      rest.map((model) => [model, ancestorsOf(model, rest)]),
    );
    // A model of a cycle is free if all its ancestors are in that cycle.
    const free = rest.find((model) =>
      [...ancestors.get(model) ?? []].every((ancestor) =>
        ancestors.get(ancestor)?.has(model)
      )
    );
    if (free === undefined) return [...sorted, ...rest];
    sorted.push(free);
    rest = rest.filter((model) => model !== free);
  }
  return sorted;
}

/** Returns the models that a model refers to, directly or through others. */
function ancestorsOf(
  model: AnyModel,
  models: readonly AnyModel[],
): ReadonlySet<AnyModel> {
  const found = new Set<AnyModel>();
  const queue = [model];
  for (const child of queue) {
    const tables = new Set(
      child.foreignKeys.map(({ references }) => references.table),
    );
    for (const parent of models) {
      if (!tables.has(parent.table) || found.has(parent)) continue;
      if (parent === child) continue;
      found.add(parent);
      queue.push(parent);
    }
  }
  return found;
}
