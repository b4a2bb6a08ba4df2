import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import { addConstraint, createIndex } from "../../schema/recreate.ts";
import { setDefault } from "../steps/column_defaults.ts";
import type { DecisionContext } from "./decision_context.ts";
import { needsSecondColumn, refusedType } from "./refused_types.ts";
import { isInSketch } from "./replaced_together.ts";

/** A change that may fit only the new type of its column. */
type Waiting = ChangeOf<"default" | "constraint" | "index">;

/** Refuses a change of a column whose type must be changed manually first; undefined if there is none. */
export async function waitingForType(
  change: Waiting,
  context: DecisionContext,
): Promise<Refusal | undefined> {
  const { table } = change;
  const columns = columnsOf(change);
  for (const other of context.changes) {
    if (
      other.kind !== "type" || other.table !== table ||
      !columns.includes(other.to.name) ||
      await refusedType(other, context) === undefined
    ) continue;
    const name = managedName.column(table, other.to.name);
    return {
      change: `${
        differenceOf(change).change
      }: the type of ${name} must change first`,
      sketch: isInSketch(change, other, context) &&
          await needsSecondColumn(other, context)
        ? `-- The sketch of ${name} does this too.`
        : [
          `-- When ${name} has the type ${other.to.type}:`,
          ...statementsOf(change).map((text) => `${text};`),
        ].join("\n"),
    };
  }
  return undefined;
}

function columnsOf(change: Waiting): readonly string[] {
  switch (change.kind) {
    case "default":
      return [change.column];
    case "index":
      // Any index can be dropped.
      if (change.to === undefined) return [];
      break;
    case "constraint":
  }
  return [change.from, change.to].flatMap((rule) => rule?.columns ?? []);
}

function statementsOf(change: Waiting): string[] {
  const { table } = change;
  switch (change.kind) {
    case "default":
      return [setDefault(table, change.column, change.to)];
    case "index":
      return change.to === undefined
        ? []
        : [createIndex(change.to, table, "CONCURRENTLY ")];
    case "constraint":
      return [
        ...change.from === undefined ? [] : [
          `ALTER TABLE ${named(table)} DROP CONSTRAINT ${
            named(change.from.name)
          }`,
        ],
        ...change.to === undefined ? [] : [addConstraint(table, change.to)],
      ];
  }
}
