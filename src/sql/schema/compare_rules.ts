import { managedName } from "../../migrations/plan/managed_names.ts";
import { type Change, type ChangeOf, isValidation } from "./change.ts";
import type { Compared, Comparison } from "./comparison.ts";
import type { LiveConstraint, LiveIndex, LiveTable } from "./introspect.ts";

/** How constraints or indexes are compared. */
interface Rules<T> {
  readonly isSame: (left: T, right: T) => boolean;
  readonly change: (from: T | undefined, to: T | undefined) => Change;
  /** The changes of a pair of equal rules. */
  readonly equal: (from: T, to: T, isRenamed: boolean) => readonly Change[];
}

/** Compares constraints, whose names matter only if models manage them. */
export function compareConstraints(
  live: LiveTable,
  { name: table, constraints }: LiveTable,
  comparison: Comparison,
): Compared {
  const change = (
    from: LiveConstraint | undefined,
    to: LiveConstraint | undefined,
  ): ChangeOf<"constraint"> => ({ kind: "constraint", table, from, to });
  return compareRules(table, live.constraints, constraints, comparison, {
    isSame: (left, right) =>
      left.kind === right.kind && left.definition === right.definition,
    change,
    equal: (from, to, isRenamed) => [
      ...isRenamed ? [renaming("constraint", table, from, to)] : [],
      ...[change(from, to)].filter(isValidation),
    ],
  });
}

/** Compares indexes, whose names matter only if models manage them. */
export function compareIndexes(
  live: LiveTable,
  { name: table, indexes }: LiveTable,
  comparison: Comparison,
): Compared {
  const change = (
    from: LiveIndex | undefined,
    to: LiveIndex | undefined,
  ): Change => ({ kind: "index", table, from, to });
  return compareRules(table, live.indexes, indexes, comparison, {
    isSame: (left, right) =>
      left.unique === right.unique && left.valid === right.valid &&
      left.definition === right.definition,
    change,
    equal(from, to, isRenamed) {
      if (!isRenamed) return [];
      return comparison.names.has(to.name)
        ? [change(undefined, to), change(from, undefined)]
        : [renaming("index", table, from, to)];
    },
  });
}

function renaming(
  what: "constraint" | "index",
  table: string,
  { name: from }: LiveConstraint | LiveIndex,
  { name: to }: LiveConstraint | LiveIndex,
): Change {
  return { kind: "rename", what, table, from, to };
}

function compareRules<T extends LiveConstraint | LiveIndex>(
  table: string,
  live: readonly T[],
  wanted: readonly T[],
  { managed }: Comparison,
  { isSame, change, equal }: Rules<T>,
): Compared {
  const isManaged = ({ name }: T): boolean =>
    managed.has(managedName.rule(table, name));
  const pairs = new Map<T, T>();
  const surplus = new Set(live);
  // An earlier test wins over a later one.
  for (
    const fits of [
      // The server gives a primary key the name of a unique key of its columns, which the table may have already.
      (left: T, right: T) =>
        left.name === right.name && isPrimary(left) === isPrimary(right),
      isSame,
      (left: T, right: T) => isPrimary(left) && isPrimary(right),
      (left: T, right: T) => left.name === right.name,
    ]
  ) {
    for (const to of wanted) {
      if (pairs.has(to)) continue;
      const from = [...surplus].find((from) => fits(from, to));
      if (from === undefined) continue;
      surplus.delete(from);
      pairs.set(to, from);
    }
  }
  return {
    changes: [
      ...[...pairs].flatMap(([to, from]) =>
        isSame(from, to)
          ? equal(from, to, from.name !== to.name && isManaged(from))
          : [change(from, to)]
      ),
      ...wanted.filter((to) => !pairs.has(to))
        .map((to) => change(undefined, to)),
      ...[...surplus].filter(isManaged).map((from) => change(from, undefined)),
    ],
    unmanaged: [...surplus].filter((rule) => !isManaged(rule))
      .map(({ name }) => managedName.rule(table, name)),
  };
}

function isPrimary(rule: LiveConstraint | LiveIndex): boolean {
  return "kind" in rule && rule.kind === "primary";
}
