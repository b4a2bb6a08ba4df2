import type { Refusal } from "../../../migrations/plan/draft.ts";
import { named } from "../../codec/quote.ts";
import {
  type Change,
  type ChangeOf,
  isValidation,
} from "../../schema/change.ts";
import { differenceOf } from "../../schema/difference_of.ts";
import { createTable } from "../../schema/recreate.ts";
import type { DecisionContext } from "./decision_context.ts";
import { refusedAddition } from "./refused_additions.ts";
import { constraintOnPartitions, droppedKey } from "./refused_constraints.ts";
import { droppedColumn, droppedTable } from "./refused_drops.ts";
import { refusedFilling } from "./refused_filling.ts";
import { refusedType } from "./refused_types.ts";
import { nullableIdentity, refusedIdentity } from "./refused_identity.ts";
import { waitingForType } from "./waiting_for_type.ts";

/** Returns why a change is not generated, with a sketch of the statements; undefined if it can be generated. */
export async function refusal(
  change: Change,
  context: DecisionContext,
): Promise<Refusal | undefined> {
  const { table } = change;
  switch (change.kind) {
    case "table":
      return change.to === undefined
        ? droppedTable(change, context)
        : undefined;
    case "column":
      return change.to === undefined
        ? droppedColumn(change, context)
        : await refusedAddition(table, change.to, context);
    case "type":
      return await refusedType(change, context);
    case "nullability":
      return nullableIdentity(change, context);
    case "filling":
      return refusedFilling(change, context);
    case "partitioning":
      return partitioning(change);
    case "constraint": {
      const { from, to } = change;
      if (isValidation(change)) return undefined;
      return (from && refusedIdentity(table, from.name, context)) ??
        (from && droppedKey(table, from, context)) ??
        (to && constraintOnPartitions(table, to, context)) ??
        await waitingForType(change, context);
    }
    case "index":
      return (change.from &&
        refusedIdentity(table, change.from.name, context)) ??
        await waitingForType(change, context);
    case "default":
      return await waitingForType(change, context);
    default:
      return undefined;
  }
}

function partitioning(change: ChangeOf<"partitioning">): Refusal {
  const { table, from, to } = change;
  const next = named(`${table}_new`);
  const existing = new Set(from.parts.map(({ name }) => name));
  const clashing = to.parts.map(({ name }) => name)
    .filter((name) => existing.has(name));
  const parts = to.parts.map((part) =>
    existing.has(part.name) ? { ...part, name: `${part.name}_new` } : part
  );
  const renamed = [table, ...clashing].flatMap((name) => [
    `ALTER TABLE ${named(name)} RENAME TO ${named(`${name}_old`)};`,
    `ALTER TABLE ${named(`${name}_new`)} RENAME TO ${named(name)};`,
  ]);
  const statements = createTable({
    ...to,
    name: `${table}_new`,
    parts,
    indexes: [],
    constraints: [],
  }).filter((text) => !text.startsWith("COMMENT"));
  return {
    change: `${differenceOf(change).change}: all rows must move`,
    sketch: `${statements.join(";\n")};
-- Recreate the keys, indexes, policies, privileges, triggers and other objects of ${table}.
-- Add a trigger on ${table} that writes to both tables. Then copy the rows in batches:
INSERT INTO ${next} SELECT * FROM ${named(table)} … ON CONFLICT DO NOTHING;
-- In a step of its own:
${renamed.join("\n")}`,
  };
}
