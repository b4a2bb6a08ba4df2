import { createHash } from "node:crypto";
import type { SqlLink } from "../../link.ts";
import {
  currentSchema,
  type LiveTable,
  liveTables,
} from "../../schema/introspect.ts";
import { named } from "./quote.ts";

/** What tables are now, in one word: the same on every version of the server, whatever the order of columns. A table that is not there adds nothing. */
export async function fingerprintOf(
  link: SqlLink,
  schema: string | undefined,
  tables: readonly string[],
): Promise<string> {
  const home = schema ?? await currentSchema(link);
  const live = await liveTables(link, home, tables, named(home));
  return createHash("sha256").update(JSON.stringify(canonical(live)))
    .digest("hex");
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
