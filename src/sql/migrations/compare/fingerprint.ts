import { jsonHash } from "../../../migrations/file/json_hash.ts";
import {
  managedName,
  tablesIn,
} from "../../../migrations/plan/managed_names.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { SqlLink } from "../../link/link.ts";
import { named } from "../../codec/quote.ts";
import { definedTables, type LiveTable } from "../../schema/introspect.ts";
import { readHistory } from "../history/history.ts";
import { managedBy } from "./managed_now.ts";

/**
 * Returns a hash of the existing objects that models or the history manage: the
 * same on every version of the server and for any order of columns.
 *
 * @param recorded whether only the names in the history count, if it has any:
 * objects of newer models were not part of the recorded state
 */
export async function fingerprintNow(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string,
  recorded: boolean,
): Promise<string> {
  const history = await readHistory(link, schema);
  const managed = new Set(history.flatMap(({ managed }) => managed));
  const names = recorded && managed.size > 0
    ? managed
    : managed.union(new Set(managedBy(models)));
  const tables = [...tablesIn(names)].sort();
  const live = await definedTables(link, schema, tables, named(schema));
  const parts = sorted([...live.values()])
    .map((table) => canonical(ownPart(table, names)));
  return jsonHash(parts);
}

/** Returns the managed part of a table. */
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

/**
 * Returns the properties of a table that matter, without the names of not-null
 * constraints, which only PostgreSQL 18 and later have. The history stores a
 * hash of them, so their names and order must not change.
 */
export function canonical(table: LiveTable): unknown {
  return {
    name: table.name,
    columns: sorted(table.columns).map((column) => ({
      name: column.name,
      type: column.type,
      nullable: column.nullable,
      default: column.default,
      comment: column.comment,
      collation: column.collation,
      made: column.generated,
      ...column.values === null ? {} : { values: column.values },
      unproven: column.unvalidated !== null,
    })),
    constraints: sorted(table.constraints).map((
      { name, definition, validated },
    ) => ({ name, definition, validated })),
    indexes: sorted(table.indexes).map((
      { name, unique, definition, valid },
    ) => ({ name, unique, definition, valid })),
    partition: table.partition,
    parts: sorted(table.parts),
  };
}

function sorted<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return items.toSorted((left, right) =>
    left.name < right.name ? -1 : left.name > right.name ? 1 : 0
  );
}
