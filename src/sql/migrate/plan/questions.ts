import type { Decision, Intent } from "../../../migration.ts";
import type { Change } from "./changes.ts";
import { place } from "./managed.ts";

/** Questions about what goes while something comes that might be the same. */
export function questions(
  changes: readonly Change[],
  { drops }: Intent,
): Decision[] {
  const ask = (
    gone: readonly string[],
    come: readonly string[],
    what: string,
  ): Decision[] =>
    come.length === 0
      ? []
      : gone.filter((name) => !drops.has(name)).map((name) => ({
        question: come.length === 1
          ? `Is ${
            come[0]
          } the ${what} ${name} under a new name, or is ${name} dropped and the other one new?`
          : `Is one of ${
            come.join(", ")
          } the ${what} ${name} under a new name, or is ${name} dropped?`,
        options: [
          ...come.map((to) => `--rename ${name}=${to}`),
          `--drop ${name}`,
        ],
      }));
  const tables = changes.flatMap((change) =>
    change.kind === "add-column" || change.kind === "drop-column"
      ? [change.table]
      : []
  );
  return [
    ...ask(
      changes.flatMap((change) =>
        change.kind === "drop-table" ? [change.table.name] : []
      ),
      changes.flatMap((change) =>
        change.kind === "add-table" ? [change.table.name] : []
      ),
      "table",
    ),
    ...[...new Set(tables)].flatMap((table) => {
      const named = (kind: "add-column" | "drop-column"): string[] =>
        changes.flatMap((change) =>
          change.kind === kind && change.table === table
            ? [place.column(table, change.column.name)]
            : []
        );
      return ask(named("drop-column"), named("add-column"), "column");
    }),
  ];
}
