import type { Decision, Intent } from "../../../engine/migrations/mod.ts";
import { dropQuestions } from "../../../migrations/plan/intent.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { Change } from "../../schema/change.ts";

/**
 * Returns the questions about dropped tables and columns.
 *
 * @param generated the changes that are generated: a change that is refused
 * raises a question only if it may be a rename
 */
export function questions(
  changes: readonly Change[],
  generated: readonly Change[],
  intent: Intent,
): Decision[] {
  const settled = new Set(generated);
  const ask = (
    what: "table" | "column",
    all: readonly Change[],
  ): Decision[] => {
    const added = all.flatMap((change) => nameOf(change, "to") ?? []);
    const dropped = all.filter((change) =>
      added.length > 0 || settled.has(change)
    ).flatMap((change) => nameOf(change, "from") ?? []);
    return dropQuestions({ what, dropped, added }, intent);
  };
  const columns = changes.filter(({ kind }) => kind === "column");
  return [
    ...ask("table", changes.filter(({ kind }) => kind === "table")),
    ...[...Map.groupBy(columns, ({ table }) => table).values()]
      .flatMap((changes) => ask("column", changes)),
  ];
}

/** Returns the name of a table or column that only one side has. */
function nameOf(change: Change, side: "from" | "to"): string | undefined {
  const other = side === "from" ? "to" : "from";
  if (change.kind === "table") {
    return change[other] === undefined ? change.table : undefined;
  }
  const column = change.kind === "column" && change[other] === undefined
    ? change[side]
    : undefined;
  return column && managedName.column(change.table, column.name);
}
