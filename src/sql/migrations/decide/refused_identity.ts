import type { Refusal } from "../../../migrations/plan/draft.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { DecisionContext } from "./decision_context.ts";

/** Refuses to change the replica identity of a table: without it, rows of a published table cannot be updated or deleted, and the server does not adopt a new index in its place. */
export function refusedIdentity(
  table: string,
  index: string,
  { current }: Pick<DecisionContext, "current">,
): Refusal | undefined {
  if (current.get(table)?.replicaIdentity !== index) return undefined;
  return {
    change: `change or drop ${
      managedName.rule(table, index)
    }: it is the replica identity of ${table}`,
    sketch: `ALTER TABLE ${named(table)} REPLICA IDENTITY FULL;
-- Make the change here. Then name a unique index over columns that are NOT NULL:
ALTER TABLE ${named(table)} REPLICA IDENTITY USING INDEX …;`,
  };
}
