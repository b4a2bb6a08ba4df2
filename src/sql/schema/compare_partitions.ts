import type { Change } from "./change.ts";
import type { Compared, Comparison } from "./comparison.ts";
import type { LiveTable } from "./introspect.ts";

/** Compares partitions by their bounds. */
export function comparePartitions(
  live: LiveTable,
  wanted: LiveTable,
  { renamed }: Comparison,
): Compared {
  const { name: table } = wanted;
  const existing = new Map(live.parts.map((part) => [part.bound, part]));
  const bounds = new Set(wanted.parts.map(({ bound }) => bound));
  if (
    live.partition !== wanted.partition ||
    live.parts.some(({ bound }) => !bounds.has(bound))
  ) {
    return {
      changes: [{ kind: "partitioning", table, from: live, to: wanted }],
      unmanaged: [],
    };
  }
  const pairs = wanted.parts.map((to) => [existing.get(to.bound), to] as const);
  const changes = pairs.flatMap(([from, to]): Change[] => {
    if (from === undefined) return [{ kind: "partition", table, from, to }];
    const [old, name] = [from.name, to.name];
    return !renamed.has(table) || old === name
      ? []
      : [{ kind: "rename", what: "partition", table, from: old, to: name }];
  });
  return { changes, unmanaged: [] };
}
