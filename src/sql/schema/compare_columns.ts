import { managedName } from "../../migrations/plan/managed_names.ts";
import { quoted } from "../codec/quote.ts";
import { withCollationOf } from "./any_collation.ts";
import { sequenceOptions } from "./sequence_options.ts";
import type { Change } from "./change.ts";
import type { Compared, Comparison } from "./comparison.ts";
import type { LiveColumn, LiveTable } from "./introspect.ts";

/** Compares columns by name. */
export function compareColumns(
  live: LiveTable,
  { name: table, columns }: LiveTable,
  { managed, sameDefault }: Comparison,
): Compared {
  const existing = new Map(live.columns.map((column) => [column.name, column]));
  const wanted = new Set(columns.map(({ name }) => name));
  const surplus = live.columns.filter(({ name }) => !wanted.has(name));
  const isManaged = ({ name }: LiveColumn) =>
    managed.has(managedName.column(table, name));
  return {
    changes: [
      ...columns.flatMap((to): Change[] => {
        const from = existing.get(to.name);
        return from === undefined
          ? [{ kind: "column", table, from, to }]
          : compareColumn(table, from, to, sameDefault);
      }),
      ...surplus.filter(isManaged).map((from): Change => ({
        kind: "column",
        table,
        from,
        to: undefined,
      })),
    ],
    unmanaged: surplus.filter((column) => !isManaged(column))
      .map(({ name }) => managedName.column(table, name)),
  };
}

function compareColumn(
  table: string,
  from: LiveColumn,
  wanted: LiveColumn,
  sameDefault: Comparison["sameDefault"],
): Change[] {
  const to = withCollationOf(from, wanted);
  const changes: Change[] = [];
  const column = to.name;
  const isOtherType = from.type !== to.type ||
    from.collation !== to.collation;
  if (isOtherType) changes.push({ kind: "type", table, from, to });
  if (isFilledOtherwise(from, to)) {
    changes.push({ kind: "filling", table, from, to });
  }
  const [before, after] = [from.default, to.default];
  if (
    from.generated === null && to.generated === null && before !== after &&
    (isOtherType || before === null || after === null ||
      !sameDefault(before, after))
  ) {
    changes.push({ kind: "default", table, column, from: before, to: after });
  }
  if (
    to.nullable ? !from.nullable || from.unvalidated !== null : from.nullable
  ) changes.push({ kind: "nullability", table, from, to });
  if (from.comment !== to.comment) {
    const [before, after] = [from.comment, to.comment];
    changes.push({ kind: "comment", table, column, from: before, to: after });
  }
  return changes;
}

/** Returns whether the server fills the columns in different ways. */
function isFilledOtherwise(from: LiveColumn, to: LiveColumn): boolean {
  if (takesOwnSequence(from, to)) return false;
  if (from.generated !== to.generated) return true;
  switch (to.generated) {
    case "stored":
    case "virtual":
      return from.default !== to.default;
    case "always":
    case "by default":
      return hasOtherOptions(from, to);
    default:
      return false;
  }
}

/** Returns whether an existing serial column is described by the default that takes the numbers of its sequence. */
function takesOwnSequence(from: LiveColumn, to: LiveColumn): boolean {
  return from.generated === "serial" && to.generated === null &&
    to.default === `nextval(${quoted(from.sequence?.name ?? "")}::regclass)`;
}

/** Returns whether the wanted sequence has options that the existing one does not have; a model that names none leaves them to the database. */
function hasOtherOptions(
  { sequence: from }: LiveColumn,
  { sequence: to }: LiveColumn,
): boolean {
  if (from === null || to === null) return false;
  const options = sequenceOptions(to);
  return options !== "" && options !== sequenceOptions(from);
}
