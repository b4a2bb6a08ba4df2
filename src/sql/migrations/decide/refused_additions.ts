import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { columnText } from "../../schema/recreate.ts";
import { fillingStatements } from "../steps/filling.ts";
import { shortName } from "../../schema/table.ts";
import { lostName } from "../file/destructive_names.ts";
import { MOST_COLUMNS } from "../compare/column_limit.ts";
import { REWRITE, rewritten } from "../compare/rewrites.ts";
import type { DecisionContext } from "./decision_context.ts";
import { hasRows } from "./existing_rows.ts";

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
  context: DecisionContext,
): Promise<Refusal | undefined> {
  const { scratch, current } = context;
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
  if (
    column.generated !== null && !await hasRows(table, undefined, context)
  ) return undefined;
  const change = `add the column ${managedName.column(table, column.name)}`;
  switch (column.generated) {
    case "always":
    case "by default":
    case "serial": {
      const unfilled: LiveColumn = { ...plain, generated: null };
      const numbered: LiveColumn = { ...column, generated: "serial" };
      const [create, setDefault] = fillingStatements(table, unfilled, numbered);
      const rule = named(shortName(`${table}_${column.name}_nn`));
      const identity = column.generated === "serial"
        ? ""
        : `\n${fillingStatements(table, numbered, column).join(";\n")};`;
      const destructive = column.generated === "serial"
        ? ""
        : `-- dbp:destructive drop-sequence ${
          lostName(column.sequence?.name ?? "")
        }\n`;
      return {
        change: `${change}, whose values come from a sequence: ${REWRITE}`,
        sketch: `${destructive}ALTER TABLE ${t} ADD COLUMN ${c} ${column.type};
${create};
${setDefault};
-- dbp:step repeat statement_timeout=1h
UPDATE ${t} SET ${c} = DEFAULT WHERE ctid IN (
  SELECT ctid FROM ${t} WHERE ${c} IS NULL LIMIT 10000);
-- dbp:step
ALTER TABLE ${t} ADD CONSTRAINT ${rule} CHECK (${c} IS NOT NULL) NOT VALID;
-- dbp:step statement_timeout=1h
ALTER TABLE ${t} VALIDATE CONSTRAINT ${rule};
-- dbp:step
ALTER TABLE ${t} ALTER COLUMN ${c} SET NOT NULL;
ALTER TABLE ${t} DROP CONSTRAINT ${rule};${identity}`,
      };
    }
    case "stored":
      return {
        change: `${change}, a stored generated column: ${REWRITE}`,
        sketch:
          `-- PostgreSQL 18 and later can compute it on read instead, without a rewrite: GENERATED ALWAYS AS (…) VIRTUAL.
-- dbp:ignore add-generated ${table} is rewritten while nobody uses it
${add(column)};`,
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
