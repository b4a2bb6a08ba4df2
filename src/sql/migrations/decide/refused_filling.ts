import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { columnText } from "../../schema/recreate.ts";
import { REWRITE } from "../compare/rewrites.ts";
import { lostName } from "../file/destructive_names.ts";
import { fillingStatements } from "../steps/filling.ts";
import type { DecisionContext } from "./decision_context.ts";

/** The first version that can change the expression of a stored generated column. */
const SET_EXPRESSION = 170_000;

/** Returns why a change of how the server fills a column is not generated; undefined if it is. */
export function refusedFilling(
  change: ChangeOf<"filling">,
  { scratch: { version } }: Pick<DecisionContext, "scratch">,
): Refusal | undefined {
  const { table, from, to } = change;
  const text = differenceOf(change).change;
  if (isComputed(to)) {
    if (from.generated === "virtual" && to.generated === "virtual") {
      return undefined;
    }
    if (from.generated === "stored" && to.generated === "stored") {
      return {
        change: `${text}: ${REWRITE}`,
        sketch: version < SET_EXPRESSION
          ? anew(change)
          : `-- dbp:ignore rewrite-table ${table} is rewritten while nobody uses it
ALTER TABLE ${named(table)} ALTER COLUMN ${
            named(to.name)
          } SET EXPRESSION AS (${to.default});`,
      };
    }
    return {
      change: `${text}: the server can compute only a new column`,
      sketch: anew(change),
    };
  }
  if (from.generated === "virtual") {
    return {
      change: `${text}: the server stores no values of it`,
      sketch: anew(change),
    };
  }
  const statements = fillingStatements(table, from, to);
  if (from.generated === "stored") {
    return {
      change: `${text}: a down migration could not compute it again`,
      sketch: `${statements.join(";\n")};`,
    };
  }
  return from.nullable && to.generated !== null
    ? {
      change: `${text}: it must be NOT NULL first`,
      sketch:
        `-- Apply the step that adds NOT NULL, then run make_migrations again, or write it here before:
${statements.join(";\n")};`,
    }
    : undefined;
}

/** Returns the statements that replace a column by a new one. */
export function anew(
  { table, from, to }: ChangeOf<"filling"> | ChangeOf<"type">,
): string {
  const t = named(table);
  const column = managedName.column(table, to.name);
  const ignored = to.generated === "stored"
    ? `-- dbp:ignore add-generated ${column} is computed again\n`
    : "";
  return `-- dbp:destructive drop-column ${lostName(column)}
${ignored}-- This drops the values, keys and indexes of ${column}. The next make_migrations adds its keys and indexes again.
ALTER TABLE ${t} DROP COLUMN ${named(from.name)};
ALTER TABLE ${t} ADD COLUMN ${columnText(to)};`;
}

/** Returns whether the server computes the values of a column. */
export function isComputed({ generated }: LiveColumn): boolean {
  return generated === "stored" || generated === "virtual";
}
