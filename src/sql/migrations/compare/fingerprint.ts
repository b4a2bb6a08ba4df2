import { createHash } from "node:crypto";
import { tablesIn } from "../../../migrations/plan/managed_names.ts";
import type { SqlLink } from "../../link/link.ts";
import { type LiveTable, liveTables } from "../../schema/introspect.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";

/**
 * A hash of the existing managed objects: the same on every version of the
 * server and for any order of columns.
 *
 * @param managed names in the spelling of the history
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
    managed.has(managedName.rule(table.name, name));
  return {
    ...table,
    columns: table.columns.filter(({ name }) =>
      managed.has(managedName.column(table.name, name))
    ),
    constraints: table.constraints.filter(isOurs),
    indexes: table.indexes.filter(isOurs),
  };
}

/** The properties of tables that matter, in one order. The names of not-null constraints do not: only PostgreSQL 18 and later have them. */
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
