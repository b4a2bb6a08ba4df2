import type { LiveColumn, LiveTable } from "../../schema/introspect.ts";
import type { Change } from "./change.ts";
import type { Compared, Comparing } from "./context.ts";
import { place } from "../../../migrations/plan/managed_names.ts";

/** Compares columns, by name. */
export function compareColumns(
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
    ...table.others.filter(({ kind, columns }) =>
      kind === "statistics" && columns.includes(column)
    ).map(({ what }) => what),
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
