import type {
  LiveColumn,
  LiveConstraint,
  LiveIndex,
  LiveTable,
} from "./introspect.ts";

/**
 * What tells a table from the one its model wants, in words. Both come from
 * the catalogs, so that the server's own spelling is on both sides. Names of
 * constraints and indexes do not count, and neither do comments; indexes and
 * rules that no model asked for are the administrator's own.
 */
export function differences(live: LiveTable, wanted: LiveTable): string[] {
  return [
    ...columnDifferences(live, wanted),
    ...constraintDifferences(live, wanted),
    ...missing(
      live.indexes.filter(({ valid }) => valid),
      wanted.indexes,
      sameIndex,
    ).map((index) =>
      `${live.name} lacks the index ${index.name} ${index.method} (${
        index.parts.join(", ")
      })${index.where === null ? "" : ` where ${index.where}`}`
    ),
    ...(live.partition === wanted.partition &&
        live.partitions === wanted.partitions
      ? []
      : [
        `${live.name} is split ${split(live)}, the model says ${split(wanted)}`,
      ]),
  ];
}

function columnDifferences(live: LiveTable, wanted: LiveTable): string[] {
  const there = new Map(live.columns.map((column) => [column.name, column]));
  const known = new Set(wanted.columns.map(({ name }) => name));
  return [
    ...wanted.columns.flatMap((column) =>
      oneColumn(live.name, there.get(column.name), column)
    ),
    ...live.columns.filter(({ name }) => !known.has(name)).map((
      { name, type },
    ) =>
      `${live.name} has a column ${name} (${type}) that the model does not know`
    ),
  ];
}

function oneColumn(
  table: string,
  live: LiveColumn | undefined,
  wanted: LiveColumn,
): string[] {
  const place = `${table}.${wanted.name}`;
  if (live === undefined) return [`${place} (${wanted.type}) is missing`];
  return [
    ...(live.type === wanted.type
      ? []
      : [`${place} is ${live.type}, the model says ${wanted.type}`]),
    ...(live.nullable === wanted.nullable ? [] : [
      wanted.nullable
        ? `${place} is required, the model says it may be null`
        : `${place} may be null, the model says it is required`,
    ]),
    ...(live.default === wanted.default ? [] : [
      `${place} has the default ${live.default ?? "none"}, the model says ${
        wanted.default ?? "none"
      }`,
    ]),
    ...(live.made === wanted.made ? [] : [
      `${place} is made ${live.made ?? "by writers"}, the model says ${
        wanted.made ?? "by writers"
      }`,
    ]),
  ];
}

function constraintDifferences(live: LiveTable, wanted: LiveTable): string[] {
  const lacking = missing(live.constraints, wanted.constraints, sameConstraint)
    .map((constraint) => `${live.name} lacks ${inWords(constraint)}`);
  const key = live.constraints.find(({ kind }) => kind === "primary");
  const wantsKey = wanted.constraints.some(({ kind }) => kind === "primary");
  return key !== undefined && !wantsKey
    ? [...lacking, `${live.name} has ${inWords(key)}, the model has none`]
    : lacking;
}

function missing<T>(
  live: readonly T[],
  wanted: readonly T[],
  same: (left: T, right: T) => boolean,
): T[] {
  return wanted.filter((item) => !live.some((other) => same(item, other)));
}

/** Not by definition: the two schemas have names of their own in it. */
function sameConstraint(left: LiveConstraint, right: LiveConstraint): boolean {
  const [one, other] = [left, right].map((constraint) => ({
    ...constraint,
    name: "",
    definition: "",
    validated: true,
  }));
  return alike(one, other);
}

function sameIndex(left: LiveIndex, right: LiveIndex): boolean {
  const [one, other] = [left, right].map((index) => ({
    ...index,
    name: "",
    definition: "",
    storage: null,
  }));
  return alike(one, other);
}

function alike(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function inWords(
  { kind, columns, expression, table, references }: LiveConstraint,
): string {
  switch (kind) {
    case "primary":
      return `the primary key (${columns.join(", ")})`;
    case "unique":
      return `the unique key (${columns.join(", ")})`;
    case "check":
      return `the rule ${expression}`;
    case "exclusion":
      return `the exclusion (${columns.join(", ")})`;
    case "foreign":
      return `the foreign key (${columns.join(", ")}) to ${table} (${
        references?.join(", ")
      })`;
  }
}

function split({ partition, partitions }: LiveTable): string {
  return partition === null ? "not at all" : `${partition} into ${partitions}`;
}
