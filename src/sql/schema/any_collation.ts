import { isTextType } from "../codec/column_type.ts";
import type { LiveColumn, LiveTable } from "./introspect.ts";
import type { WantedTable } from "./table.ts";

/** Returns the tables that models define, with the columns marked whose models name no collation. */
export function withAnyCollation(
  tables: ReadonlyMap<string, LiveTable>,
  wanted: readonly WantedTable[],
): ReadonlyMap<string, LiveTable> {
  const unnamed = new Map(wanted.map(({ name, columns }) => [
    name,
    new Set(
      columns.flatMap((column) => column.anyCollation ? [column.name] : []),
    ),
  ]));
  return new Map([...tables].map(([name, table]) => [name, {
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      anyCollation: unnamed.get(name)?.has(column.name) === true,
    })),
  }]));
}

/** Returns a wanted column with the collation of the existing one, if its model names none and both hold text. */
export function withCollationOf(
  existing: LiveColumn,
  wanted: LiveColumn,
): LiveColumn {
  const isKept = wanted.anyCollation === true && isText(existing) &&
    isText(wanted);
  return isKept ? { ...wanted, collation: existing.collation } : wanted;
}

function isText({ type, collation }: LiveColumn): boolean {
  return collation !== null || isTextType(type);
}
