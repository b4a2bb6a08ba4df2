import { DiscardedRowError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { TableFacts } from "../schema/table_facts.ts";

/** Returns the error for a row that the database did not keep. */
export function discardedRowError(
  model: AnyModel,
  { hasPolicies, kind }: TableFacts,
): DiscardedRowError {
  const cause = hasPolicies
    ? `a trigger or rule discarded it, or row-level security hides a row with its key`
    : `a trigger or rule of the ${
      kind === "v" ? "view" : "table"
    } discarded it, or changed its key to that of another row`;
  return new DiscardedRowError(
    `Cannot create ${model.name}: the database kept no row in ${model.table}: ${cause}`,
  );
}
