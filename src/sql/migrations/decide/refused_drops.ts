import { printable } from "../../../base/errors/printable.ts";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import { around, dependentsOf, reasonsText } from "../compare/dependents.ts";
import { lostName } from "../file/destructive_names.ts";
import type { DecisionContext } from "./decision_context.ts";
import { remainingForeignKeys } from "./refused_constraints.ts";
import { identityWith, refusedIdentity } from "./refused_identity.ts";

/** Refuses to drop a table that another object depends on. */
export function droppedTable(
  { table, from }: ChangeOf<"table">,
  context: DecisionContext,
): Refusal | undefined {
  const user = from && userOf(from, context);
  return user && {
    change: `drop the table ${table}: ${user.text} depends on it`,
    sketch: `${user.drop}
-- dbp:destructive drop-table ${lostName(table)}
DROP TABLE ${named(table)};`,
  };
}

/** Returns the first object that depends on a table, and the statement that drops it. */
function userOf(
  { name: table, views: [view], dependents }: LiveTable,
  context: DecisionContext,
): { readonly text: string; readonly drop: string } | undefined {
  const [key] = remainingForeignKeys(table, context);
  if (key !== undefined) {
    const [other, { name }] = key;
    return {
      text: `the foreign key ${name} of ${other}, which no model describes,`,
      drop: `ALTER TABLE ${named(other)} DROP CONSTRAINT ${named(name)};`,
    };
  }
  if (view !== undefined) {
    return {
      text: `the ${view.kind} ${view.name}, which no model describes,`,
      drop: `DROP ${view.kind.toUpperCase()} ${view.name};`,
    };
  }
  const isDropped = (name: string): boolean =>
    context.changes.some((change) =>
      change.kind === "table" && change.to === undefined &&
      change.table === name
    );
  const other = dependents.find(({ blocksDrop, table }) =>
    blocksDrop && (table === null || !isDropped(table))
  );
  return other && {
    text: `the ${other.description}`,
    drop: `-- Drop or change the ${printable(other.description)} here.`,
  };
}

/** Refuses to drop a column that a view, a trigger or another object uses. */
export function droppedColumn(
  { table, from }: ChangeOf<"column">,
  { current }: DecisionContext,
): Refusal | undefined {
  const live = current.get(table);
  if (live === undefined || from === undefined) return undefined;
  const identity = identityWith(table, from.name, { current });
  if (identity !== undefined) {
    return refusedIdentity(table, identity, { current });
  }
  const dependents = dependentsOf(live, from.name);
  const name = managedName.column(table, from.name);
  return dependents.length === 0 ? undefined : {
    change: `drop the column ${name}: ${reasonsText(dependents)}`,
    sketch: `-- dbp:destructive drop-column ${lostName(name)}
${
      around(
        dependents,
        `ALTER TABLE ${named(table)} DROP COLUMN ${named(from.name)};
-- Then recreate without the column:`,
        false,
      )
    }`,
  };
}
