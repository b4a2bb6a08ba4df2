import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { columnText } from "../../schema/recreate.ts";
import { MOST_COLUMNS } from "../compare/column_limit.ts";
import { REWRITE, rewritten } from "../compare/rewrites.ts";
import type { DecisionContext } from "./decision_context.ts";

/** Returns why a column cannot be added at once; undefined if it can. */
export async function refusedAddition(
  table: string,
  column: LiveColumn,
  context: DecisionContext,
): Promise<Refusal | undefined> {
  return noRoom(table, column, context) ??
    await slowAddition(table, column, context);
}

/** Refuses a column beyond the limit of the server, which counts dropped columns, too. */
function noRoom(
  table: string,
  { name }: LiveColumn,
  { changes, current }: DecisionContext,
): Refusal | undefined {
  const used = current.get(table)?.usedColumns ?? 0;
  const added =
    changes.filter((change) =>
      change.kind === "column" && change.table === table &&
      change.to !== undefined
    ).length;
  if (used + added <= MOST_COLUMNS) return undefined;
  return {
    change: `add the column ${
      managedName.column(table, name)
    }: ${table} has had ${used} columns, and the server allows ${MOST_COLUMNS}, dropped columns included`,
    sketch:
      `-- Move rarely read columns to another table, or copy the rows to a new table:
CREATE TABLE ${named(`${table}_new`)} (LIKE ${named(table)} INCLUDING ALL);`,
  };
}

async function slowAddition(
  table: string,
  column: LiveColumn,
  { scratch, current }: DecisionContext,
): Promise<Refusal | undefined> {
  const live = current.get(table);
  if (live === undefined) return undefined;
  const t = named(table);
  const c = named(column.name);
  const add = (column: LiveColumn): string =>
    `ALTER TABLE ${t} ADD COLUMN ${columnText(column)}`;
  const isQuick = async (statement: string): Promise<boolean> =>
    (await rewritten(scratch, live, [statement]))?.size === 0;
  // A default that differs from row to row is set afterwards.
  const plain = { ...column, default: null, nullable: true };
  if (column.generated === null && await isQuick(add(plain))) return undefined;
  if (await isQuick(add(column))) return undefined;
  const change = `add the column ${managedName.column(table, column.name)}`;
  const fill = (value: string | null): string =>
    `-- dbp:step repeat statement_timeout=1h
UPDATE ${t} SET ${c} = ${value} WHERE ctid IN (
  SELECT ctid FROM ${t} WHERE ${c} IS NULL LIMIT 10000);`;
  switch (column.generated) {
    case "always":
    case "by default":
    case "serial": {
      const sequence = named(`${table}_${column.name}_seq`);
      return {
        change: `${change}, whose values come from a sequence: ${REWRITE}`,
        sketch: `ALTER TABLE ${t} ADD COLUMN ${c} ${column.type};
CREATE SEQUENCE ${sequence} OWNED BY ${t}.${c};
ALTER TABLE ${t} ALTER COLUMN ${c} SET DEFAULT nextval('${sequence}');
${fill("DEFAULT")}
-- Then add NOT NULL. For an identity column, drop the default, ADD GENERATED … AS IDENTITY, and call setval().`,
      };
    }
    case "stored":
      return {
        change: `${change}, a stored generated column: ${REWRITE}`,
        sketch:
          `-- PostgreSQL 18 and later can compute it on read instead, without a rewrite: GENERATED ALWAYS AS (…) VIRTUAL.
ALTER TABLE ${t} ADD COLUMN ${c} ${column.type};
-- Add a trigger that sets it for new rows. Then fill the existing rows:
${fill(column.default)}`,
      };
    default:
      return {
        change: `${change} of type ${column.type}: ${REWRITE}`,
        sketch:
          `-- The type has constraints of its own. Move them to a CHECK of the table, which is validated without a lock.\n${
            add(column)
          };`,
      };
  }
}
