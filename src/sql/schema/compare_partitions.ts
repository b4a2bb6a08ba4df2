import type { Change } from "./change.ts";
import type { Comparison } from "./comparison.ts";
import type { LiveTable } from "./introspect.ts";

/** Compares partitions by their bounds. */
export function comparePartitions(
  live: LiveTable,
  wanted: LiveTable,
  { renamed }: Comparison,
): Change[] {
  const { name: table } = wanted;
  const existing = new Map(live.parts.map((part) => [part.bound, part]));
  const bounds = new Set(wanted.parts.map(({ bound }) => bound));
  if (
    live.partition !== wanted.partition ||
    live.parts.some(({ bound }) => !bounds.has(bound))
  ) return [{ kind: "partitioning", table, from: live, to: wanted }];
  const pairs = wanted.parts.map((to) => [existing.get(to.bound), to] as const);
  return [
    ...pairs.flatMap(([from, to]): Change[] =>
      from === undefined ? [{ kind: "partition", table, from, to }] : []
    ),
    ...pairs.flatMap(([from, to]): Change[] =>
      !renamed || from === undefined || from.name === to.name ? [] : [{
        kind: "rename",
        what: "partition",
        table,
        from: from.name,
        to: to.name,
      }]
    ),
  ];
}
