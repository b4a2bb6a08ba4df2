import type { SchemaPlan } from "../../../migration.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import type { Change, ChangeOf } from "./changes.ts";
import { place } from "./managed.ts";
import { named } from "./quote.ts";
import { isDropped, referring } from "./refused_keys.ts";
import type { Settling } from "./settling.ts";

type Refusal = SchemaPlan["refused"][number];

/** A table that somebody else's key or view needs. */
export function droppedTable(
  { table }: ChangeOf<"drop-table">,
  all: readonly Change[],
  { current }: Settling,
): Refusal | undefined {
  const gone = new Set(
    all.flatMap((change) =>
      change.kind === "drop-table" ? [change.table.name] : []
    ),
  );
  const [key] = referring(table.name, current).filter(([other, key]) =>
    !gone.has(other) && !isDropped(other, key, all)
  );
  const view = table.views[0]?.split(".")[0];
  if (key === undefined && view === undefined) return undefined;
  const [what, first] = key === undefined
    ? [`the view ${view}`, `DROP VIEW ${named(view ?? "")}`]
    : [
      `the foreign key ${key[1].name} of ${key[0]}`,
      `ALTER TABLE ${named(key[0])} DROP CONSTRAINT ${named(key[1].name)}`,
    ];
  return {
    change: `drop ${table.name}: ${what} needs it and is no model's`,
    sketch:
      `${first};\n-- dbp:destructive drop-table ${table.name}\nDROP TABLE ${
        named(table.name)
      };`,
  };
}

/** A column that a view shows. */
export function droppedColumn(
  { table, column }: ChangeOf<"drop-column">,
  { current }: Settling,
): Refusal | undefined {
  const there = current.get(table);
  const view = there && viewOf(there, column.name);
  return view === undefined ? undefined : {
    change: `drop ${
      place.column(table, column.name)
    }: the view ${view} shows it`,
    sketch: `DROP VIEW ${named(view)};
-- dbp:destructive drop-column ${place.column(table, column.name)}
ALTER TABLE ${named(table)} DROP COLUMN ${named(column.name)};
-- CREATE VIEW ${named(view)} AS …`,
  };
}

/** A view that shows a column. */
export function viewOf(table: LiveTable, column: string): string | undefined {
  return table.views.find((view) => view.endsWith(`.${column}`))
    ?.slice(0, -column.length - 1);
}
