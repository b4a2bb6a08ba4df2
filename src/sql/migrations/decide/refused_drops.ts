import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import { lostName } from "../file/destructive_names.ts";
import type { Change, ChangeOf } from "../compare/change.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import { isDropped, referring } from "./refused_keys.ts";
import { replicated } from "./replica_identity.ts";
import type { Settling } from "./context.ts";
import { around, reasons, usersOf } from "../compare/dependents.ts";

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
  const view = table.views[0];
  const other = table.others.find(({ holds, table }) =>
    holds && (table === null || !gone.has(table))
  );
  if (key === undefined && view === undefined) {
    return other === undefined ? undefined : {
      change: `drop ${table.name}: the ${other.what} needs it`,
      sketch: dropAfter(
        table.name,
        `-- Drop or change the ${other.what} here`,
      ),
    };
  }
  const [what, first] = key === undefined
    ? [
      `the ${view?.kind} ${view?.name}`,
      `DROP ${view?.kind.toUpperCase()} ${view?.name}`,
    ]
    : [
      `the foreign key ${key[1].name} of ${key[0]}`,
      `ALTER TABLE ${named(key[0])} DROP CONSTRAINT ${named(key[1].name)}`,
    ];
  return {
    change: `drop ${table.name}: ${what} needs it and is no model's`,
    sketch: dropAfter(table.name, `${first};`),
  };
}

function dropAfter(table: string, first: string): string {
  return `${first}\n-- dbp:destructive drop-table ${
    lostName(table)
  }\nDROP TABLE ${named(table)};`;
}

/** A column that a view shows or a trigger names. */
export function droppedColumn(
  { table, column }: ChangeOf<"drop-column">,
  { current }: Settling,
): Refusal | undefined {
  const there = current.get(table);
  const users = there === undefined ? [] : usersOf(there, column.name);
  const name = place.column(table, column.name);
  const key = there?.identity ?? null;
  const rule = [...there?.indexes ?? [], ...there?.constraints ?? []].find((
    { name },
  ) => name === key);
  if (key !== null && rule?.columns.includes(column.name) === true) {
    return replicated(table, key, { current });
  }
  return users.length === 0 ? undefined : {
    change: `drop ${name}: ${reasons(users)}`,
    sketch: `-- dbp:destructive drop-column ${lostName(name)}
${
      around(
        users,
        `ALTER TABLE ${named(table)} DROP COLUMN ${named(column.name)};
-- and without it`,
        false,
      )
    }`,
  };
}
