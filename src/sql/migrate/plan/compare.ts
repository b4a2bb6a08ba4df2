import type {
  LiveColumn,
  LiveConstraint,
  LiveIndex,
  LiveTable,
} from "../../schema/introspect.ts";
import type { Change } from "./changes.ts";
import { place } from "./managed.ts";

/** What is different about a table, and what no model knows. */
export interface Compared {
  readonly changes: readonly Change[];
  /** Names as the history has them. */
  readonly unmanaged: readonly string[];
}

/** What a comparison must know besides both tables. */
export interface Comparing {
  /** What models managed, under the names of now. */
  readonly managed: ReadonlySet<string>;
  /** Whether two defaults of different spelling are one value. */
  readonly same: (left: string, right: string) => boolean;
  /** Names of indexes that are there, of every table. */
  readonly names: ReadonlySet<string>;
  /** Whether the table had another name before. */
  readonly renamed: boolean;
}

/** Compares a table with the one that its model wants. Order of columns does not count; what no model made is told and left. */
export function compareTables(
  live: LiveTable,
  wanted: LiveTable,
  comparing: Comparing,
): Compared {
  const parts = [
    compareColumns(live, wanted, comparing),
    compareConstraints(live, wanted, comparing),
    compareIndexes(live, wanted, comparing),
    compareParts(live, wanted, comparing),
  ];
  return {
    changes: parts.flatMap(({ changes }) => changes),
    unmanaged: parts.flatMap(({ unmanaged }) => unmanaged),
  };
}

function compareColumns(
  live: LiveTable,
  wanted: LiveTable,
  { managed, same }: Comparing,
): Compared {
  const { name: table } = wanted;
  const there = new Map(live.columns.map((column) => [column.name, column]));
  const known = new Set(wanted.columns.map(({ name }) => name));
  const surplus = live.columns.filter(({ name }) => !known.has(name));
  const isOurs = ({ name }: LiveColumn) =>
    managed.has(place.column(table, name));
  return {
    changes: [
      ...wanted.columns.flatMap((column) => {
        const old = there.get(column.name);
        return old === undefined
          ? [added(table, column)]
          : compareColumn(table, old, column, same);
      }),
      ...surplus.filter(isOurs).map((column): Change => ({
        kind: "drop-column",
        table,
        column,
        dependents: dependents(live, column.name),
      })),
    ],
    unmanaged: surplus.filter((column) => !isOurs(column)).map(({ name }) =>
      place.column(table, name)
    ),
  };
}

function added(table: string, column: LiveColumn): Change {
  return { kind: "add-column", table, column, fill: undefined, slow: false };
}

/** What goes with a column besides itself. */
function dependents(table: LiveTable, column: string): string[] {
  return [
    ...table.indexes.filter(({ columns }) => columns.includes(column)).map((
      { name, definition },
    ) => `index ${name} ${definition}`),
    ...table.constraints.filter(({ columns }) => columns.includes(column)).map((
      { name, definition },
    ) => `constraint ${name} ${definition}`),
  ];
}

function compareColumn(
  table: string,
  live: LiveColumn,
  wanted: LiveColumn,
  same: Comparing["same"],
): Change[] {
  const column = wanted.name;
  const changes: Change[] = [];
  const otherType = live.type !== wanted.type ||
    live.collation !== wanted.collation || live.made !== wanted.made ||
    (live.made !== null && live.default !== wanted.default);
  if (otherType) {
    changes.push({ kind: "alter-type", table, from: live, to: wanted });
  }
  if (
    live.made === null && wanted.made === null &&
    live.default !== wanted.default &&
    !(live.default !== null && wanted.default !== null && !otherType &&
      same(live.default, wanted.default))
  ) {
    changes.push({
      kind: "set-default",
      table,
      column,
      from: live.default,
      to: wanted.default,
    });
  }
  if (live.nullable && !wanted.nullable) {
    changes.push({
      kind: "set-not-null",
      table,
      column: { ...wanted, unproven: live.unproven },
      fill: undefined,
    });
  }
  if (wanted.nullable && (!live.nullable || live.unproven !== null)) {
    changes.push({ kind: "drop-not-null", table, column: wanted });
  }
  if (live.comment !== wanted.comment) {
    changes.push({
      kind: "comment",
      table,
      column,
      from: live.comment,
      to: wanted.comment,
    });
  }
  return changes;
}

function compareConstraints(
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

function compareIndexes(
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

/** Partitions: those that lack are made; any other split is not undone. */
function compareParts(
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
