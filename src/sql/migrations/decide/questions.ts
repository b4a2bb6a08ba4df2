import type { Decision, Intent } from "../../../engine/migrations/mod.ts";
import { dropQuestions } from "../../../migrations/plan/intent.ts";
import type { Change } from "../compare/change.ts";
import { place } from "../../../migrations/plan/managed_names.ts";

/**
 * Questions about tables and columns that go.
 *
 * @param made of the changes, those that are made: what a person must write by
 * hand is asked about only where it may have a new name
 */
export function questions(
  changes: readonly Change[],
  made: readonly Change[],
  intent: Intent,
): Decision[] {
  const kept = new Set(made);
  const ask = (
    what: string,
    gone: readonly (readonly [Change, string])[],
    come: readonly string[],
  ): Decision[] =>
    dropQuestions({
      what,
      gone: gone.flatMap(([change, name]) =>
        come.length > 0 || kept.has(change) ? [name] : []
      ),
      come,
    }, intent);
  const tables = changes.flatMap((change) =>
    change.kind === "add-column" || change.kind === "drop-column"
      ? [change.table]
      : []
  );
  return [
    ...ask(
      "table",
      changes.flatMap((change) =>
        change.kind === "drop-table"
          ? [[change, change.table.name] as const]
          : []
      ),
      changes.flatMap((change) =>
        change.kind === "add-table" ? [change.table.name] : []
      ),
    ),
    ...[...new Set(tables)].flatMap((table) => {
      const named = (kind: "add-column" | "drop-column") =>
        changes.flatMap((change) =>
          change.kind === kind && change.table === table
            ? [[change, place.column(table, change.column.name)] as const]
            : []
        );
      return ask(
        "column",
        named("drop-column"),
        named("add-column").map(([, name]) => name),
      );
    }),
  ];
}
