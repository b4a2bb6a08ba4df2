import { all, hasKeys } from "../statement/condition.ts";
import type { Executor } from "../statement/executor.ts";
import type { Additions, Inclusion } from "./include.ts";
import { distancesOf } from "./nearest.ts";
import { loadCounts } from "./related_counts.ts";
import {
  differentKeys,
  identifier,
  type Keys,
  keysOf,
  relatedKeysOf,
  valuesOf,
} from "./related_keys.ts";

/** Adds relations, counts and distances to rows, with one statement for each relation and level, and removes the fields that only the relations needed. */
export async function completeRows(
  executor: Executor,
  rows: readonly object[],
  { inclusions, counts, nearest, extra }: Additions,
): Promise<void> {
  const distances = nearest === undefined ? [] : distancesOf(rows, nearest);
  const included = inclusions.map((one) => relatedKeysOf(rows, one));
  const counted = counts.map((one) => relatedKeysOf(rows, one));
  // Backwards: V8 deletes the last property of a row in little time.
  for (const { name } of extra.toReversed()) {
    for (const row of rows) Reflect.deleteProperty(row, name);
  }
  for (const [index, distance] of distances.entries()) {
    Reflect.set(Object(rows[index]), "distance", distance);
  }
  if (rows.length === 0) return;
  for (const [index, inclusion] of inclusions.entries()) {
    await loadRelation(executor, rows, included[index] ?? [], inclusion);
  }
  await loadCounts(executor, rows, counts, counted);
}

async function loadRelation(
  executor: Executor,
  rows: readonly object[],
  rowKeys: Keys,
  inclusion: Inclusion,
): Promise<void> {
  const { name, relation, target, foreign, additions } = inclusion;
  const keys = keysOf(rowKeys);
  const related = keys.length === 0
    ? []
    : await fetchRelated(executor, inclusion, keys);
  const relatedKeys = valuesOf(related, foreign);
  const identityOf = await identifier(executor, target, foreign, () => [
    ...keys,
    ...relatedKeys,
  ]);
  const groups = new Map<unknown, object[]>();
  for (const [index, row] of related.entries()) {
    const key = identityOf(relatedKeys[index] ?? []);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  await completeRows(executor, related, additions);
  for (const [index, row] of rows.entries()) {
    const group = groups.get(identityOf(rowKeys[index] ?? [])) ?? [];
    Reflect.set(
      row,
      name,
      relation.kind === "many" ? [...group] : group[0] ?? null,
    );
  }
}

async function fetchRelated(
  executor: Executor,
  { target, foreign, where, order, limit, fields }: Inclusion,
  keys: Keys,
): Promise<object[]> {
  if (limit === 0) return [];
  if (limit !== undefined) {
    return await executor.run({
      kind: "findEach",
      model: target,
      key: foreign,
      keys: await differentKeys(executor, target, foreign, keys),
      where,
      order,
      fields,
      limit,
    });
  }
  return await executor.run({
    kind: "find",
    model: target,
    where: all([hasKeys(foreign, keys), where]),
    order,
    fields,
    limit: undefined,
    offset: 0,
  });
}
