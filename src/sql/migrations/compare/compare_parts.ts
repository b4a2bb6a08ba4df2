import type { LiveTable } from "../../schema/introspect.ts";
import type { Change } from "./change.ts";
import type { Compared, Comparing } from "./context.ts";

/** Partitions: those that lack are made; any other split is not undone. */
export function compareParts(
  live: LiveTable,
  wanted: LiveTable,
  { renamed }: Comparing,
): Compared {
  const { name: table } = wanted;
  const lacking = wanted.parts.filter(({ bound }) =>
    !live.parts.some((part) => part.bound === bound)
  );
  const fits = live.partition === wanted.partition &&
    live.parts.every(({ bound }) =>
      wanted.parts.some((part) => part.bound === bound)
    );
  if (!fits) {
    return {
      changes: [{ kind: "split", table, from: live, to: wanted }],
      unmanaged: [],
    };
  }
  return {
    changes: [
      ...lacking.map((part): Change => ({
        kind: "add-partition",
        table,
        part,
      })),
      ...(renamed ? live.parts : []).flatMap(({ name, bound }): Change[] => {
        const to = wanted.parts.find((part) => part.bound === bound)?.name;
        return to === undefined || to === name
          ? []
          : [{ kind: "rename-partition", table, from: name, to }];
      }),
    ],
    unmanaged: [],
  };
}
