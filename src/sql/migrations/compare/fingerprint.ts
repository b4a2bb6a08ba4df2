import { createHash } from "node:crypto";
import { tablesIn } from "../../../migrations/plan/managed_names.ts";
import type { SqlLink } from "../../link/link.ts";
import { type LiveTable, liveTables } from "../../schema/introspect.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";

/**
 * What is there of what models manage, in one word: the same on every version
 * of the server, whatever the order of columns. What is not there adds nothing,
 * and neither does what others put beside it.
 *
 * @param managed names as the history has them
 */
export async function fingerprintOf(
  link: SqlLink,
  schema: string,
  managed: ReadonlySet<string>,
): Promise<string> {
  const tables = [...tablesIn(managed)].sort();
  const live = await liveTables(link, schema, tables, named(schema));
  const own = new Map(
    [...live].map(([name, table]) => [name, ownPart(table, managed)]),
  );
  return createHash("sha256").update(JSON.stringify(canonical(own)))
    .digest("hex");
}

function ownPart(table: LiveTable, managed: ReadonlySet<string>): LiveTable {
  const isOurs = ({ name }: { readonly name: string }): boolean =>
    managed.has(place.rule(table.name, name));
  return {
    ...table,
    columns: table.columns.filter(({ name }) =>
      managed.has(place.column(table.name, name))
    ),
    constraints: table.constraints.filter(isOurs),
    indexes: table.indexes.filter(isOurs),
  };
}

/** What counts of tables, in one order. Names of not-null rules do not: PostgreSQL has them since version 18. */
export function canonical(tables: ReadonlyMap<string, LiveTable>): unknown {
  return sorted([...tables.values()]).map((table) => ({
    name: table.name,
    columns: sorted(table.columns).map((
      { rule: _, unproven, values, ...column },
    ) => ({
      ...column,
      ...values === null ? {} : { values },
      unproven: unproven !== null,
    })),
    constraints: sorted(table.constraints).map((
      { name, definition, validated },
    ) => ({ name, definition, validated })),
    indexes: sorted(table.indexes).map((
      { name, unique, definition, valid },
    ) => ({ name, unique, definition, valid })),
    partition: table.partition,
    parts: sorted(table.parts),
  }));
}

function sorted<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items.toSorted((left, right) =>
    left.name < right.name ? -1 : left.name > right.name ? 1 : 0
  );
}
