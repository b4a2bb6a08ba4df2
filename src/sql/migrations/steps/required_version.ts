import type { DraftStep } from "../../../engine/migrations/mod.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import type { Change } from "../compare/change.ts";
import type { Making } from "./piece.ts";
import type { Tables } from "../compare/scratch_schema.ts";

/** What a file asks of the server that an older one does not know, as `dbp:requires` says it. */
export function requirements(
  changes: readonly Change[],
  steps: readonly DraftStep[],
  { tables, version }: Pick<Making, "tables" | "version">,
): string[] {
  if (
    version >= 180000 && changes.some((change) => is18(change, tables))
  ) return ["pg>=18"];
  const statements = steps.flatMap(({ statements }) => statements);
  return statements.some((text) =>
      /^ALTER TABLE .* DETACH PARTITION .* CONCURRENTLY$/s.test(text)
    )
    ? ["pg>=14"]
    : [];
}

/** Columns made when they are read, not-null rules that are not validated, and foreign keys that a split table gets before its rows are looked at. */
function is18(change: Change, tables: Tables): boolean {
  switch (change.kind) {
    case "add-table":
      return change.table.columns.some(isNew);
    case "add-column":
      return isNew(change.column);
    case "set-not-null":
      return change.column.unproven !== null;
    case "add-constraint":
      return change.constraint.kind === "foreign" &&
        isSplit(change.table, tables);
    case "change-constraint":
      return change.to.kind === "foreign" && isSplit(change.table, tables);
    default:
      return false;
  }
}

function isNew({ made, unproven }: LiveColumn): boolean {
  return made === "virtual" || unproven !== null;
}

/** Whether a table has partitions. */
export function isSplit(table: string, tables: Tables): boolean {
  return (tables.get(table)?.partition ?? null) !== null;
}
