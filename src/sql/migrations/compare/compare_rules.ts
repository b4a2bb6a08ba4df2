import type {
  LiveConstraint,
  LiveIndex,
  LiveTable,
} from "../../schema/introspect.ts";
import type { Change } from "./change.ts";
import type { Compared, Comparing } from "./context.ts";
import { place } from "../../../migrations/plan/managed_names.ts";

/** Compares constraints, whatever their names. */
export function compareConstraints(
  live: LiveTable,
  wanted: LiveTable,
  { managed }: Comparing,
): Compared {
  const { name: table } = wanted;
  const changes: Change[] = [];
  const { pairs, lacking, surplus } = match(
    live.constraints,
    wanted.constraints,
    sameConstraint,
    ({ kind }) => kind === "primary" ? "primary" : "",
  );
  for (const [from, to] of pairs) {
    if (!sameConstraint(from, to)) {
      changes.push({ kind: "change-constraint", table, from, to });
      continue;
    }
    if (from.name !== to.name && managed.has(place.rule(table, from.name))) {
      changes.push({
        kind: "rename-constraint",
        table,
        from: from.name,
        to: to.name,
      });
    }
    if (!from.validated && to.validated) {
      changes.push({ kind: "validate-constraint", table, constraint: to });
    }
  }
  const ours = surplus.filter(({ name }) =>
    managed.has(place.rule(table, name))
  );
  return {
    changes: [
      ...changes,
      ...lacking.map((constraint): Change => ({
        kind: "add-constraint",
        table,
        constraint,
      })),
      ...ours.map((constraint): Change => ({
        kind: "drop-constraint",
        table,
        constraint,
      })),
    ],
    unmanaged: surplus.filter((constraint) => !ours.includes(constraint)).map((
      { name },
    ) => place.rule(table, name)),
  };
}

function sameConstraint(left: LiveConstraint, right: LiveConstraint): boolean {
  return left.kind === right.kind && left.definition === right.definition;
}

/** Compares indexes, whatever their names. */
export function compareIndexes(
  live: LiveTable,
  wanted: LiveTable,
  { managed, names }: Comparing,
): Compared {
  const { name: table } = wanted;
  const { pairs, lacking, surplus } = match(
    live.indexes,
    wanted.indexes,
    sameIndex,
    () => "",
  );
  const ours = surplus.filter(({ name }) =>
    managed.has(place.rule(table, name))
  );
  return {
    changes: [
      ...pairs.flatMap(([from, to]): Change[] => {
        if (!sameIndex(from, to)) {
          return [{ kind: "change-index", table, from, to }];
        }
        if (
          from.name === to.name || !managed.has(place.rule(table, from.name))
        ) return [];
        return names.has(to.name)
          ? [
            { kind: "add-index", table, index: to },
            { kind: "drop-index", table, index: from },
          ]
          : [{ kind: "rename-index", table, from: from.name, to: to.name }];
      }),
      ...lacking.map((index): Change => ({ kind: "add-index", table, index })),
      ...ours.map((index): Change => ({ kind: "drop-index", table, index })),
    ],
    unmanaged: surplus.filter((index) => !ours.includes(index)).map((
      { name },
    ) => place.rule(table, name)),
  };
}

function sameIndex(left: LiveIndex, right: LiveIndex): boolean {
  return left.unique === right.unique && left.definition === right.definition &&
    left.valid === right.valid;
}

/**
 * Pairs what is there with what is wanted: by name first, then by what it is.
 * `only` gives those a word of which a table has one at most.
 */
function match<T extends { readonly name: string }>(
  live: readonly T[],
  wanted: readonly T[],
  same: (left: T, right: T) => boolean,
  only: (item: T) => string,
): {
  readonly pairs: readonly (readonly [T, T])[];
  readonly lacking: readonly T[];
  readonly surplus: readonly T[];
} {
  const found = new Map<T, T>();
  const free = new Set(live);
  for (
    const fits of [
      (left: T, right: T) => left.name === right.name,
      same,
      (left: T, right: T) => only(left) !== "" && only(left) === only(right),
    ]
  ) {
    for (const item of wanted) {
      if (found.has(item)) continue;
      const other = [...free].find((other) => fits(other, item));
      if (other === undefined) continue;
      free.delete(other);
      found.set(item, other);
    }
  }
  return {
    pairs: [...found].map(([item, other]) => [other, item]),
    lacking: wanted.filter((item) => !found.has(item)),
    surplus: [...free],
  };
}
