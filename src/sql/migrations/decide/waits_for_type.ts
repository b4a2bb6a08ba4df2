import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import type { Change, ChangeOf } from "../compare/change.ts";
import { addConstraint, createIndex } from "../compare/create_sql.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import { inWords } from "../compare/change_text.ts";

type Refusal = SchemaPlan["refused"][number];

/** A change of a default, a rule or an index that fits a column's other type alone, while a person has to change that first. */
export function waiting(
  change: Change,
  { table, to }: ChangeOf<"alter-type">,
): Refusal | undefined {
  const about = aboutColumns(change);
  if (about === undefined || change.table !== table) return undefined;
  if (!about.columns.includes(to.name)) return undefined;
  const name = place.column(table, to.name);
  return {
    change: `${inWords(change)}: it waits for the type of ${name}`,
    sketch: `-- Once ${name} is ${to.type}\n${
      about.statements.map((text) => `${text};`).join("\n")
    }`,
  };
}

/** The columns that such a change is about, and how it is made when nothing is in its way. */
function aboutColumns(
  change: Change,
):
  | { readonly columns: readonly string[]; readonly statements: string[] }
  | undefined {
  const t = `ALTER TABLE ${named(String(change.table))}`;
  switch (change.kind) {
    case "set-default":
      return {
        columns: [change.column],
        statements: [
          `${t} ALTER COLUMN ${named(change.column)} ${
            change.to === null ? "DROP DEFAULT" : `SET DEFAULT ${change.to}`
          }`,
        ],
      };
    case "add-constraint":
      return {
        columns: change.constraint.columns,
        statements: [addConstraint(change.table, change.constraint)],
      };
    case "drop-constraint":
      return {
        columns: change.constraint.columns,
        statements: [`${t} DROP CONSTRAINT ${named(change.constraint.name)}`],
      };
    case "change-constraint":
      return {
        columns: [...change.from.columns, ...change.to.columns],
        statements: [
          `${t} DROP CONSTRAINT ${named(change.from.name)}`,
          addConstraint(change.table, change.to),
        ],
      };
    case "add-index":
      return {
        columns: change.index.columns,
        statements: [createIndex(change.index, change.table, "CONCURRENTLY ")],
      };
    case "change-index":
      return {
        columns: [...change.from.columns, ...change.to.columns],
        statements: [createIndex(change.to, change.table, "CONCURRENTLY ")],
      };
    default:
      return undefined;
  }
}
