import { DiscardedRowError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { serverErrorOf } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";
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
    } discarded it, wrote it elsewhere, or changed its key to that of another row`;
  return new DiscardedRowError(
    `Cannot create ${model.name}: the database kept no row in ${model.table}: ${cause}`,
  );
}

/** Returns the error of an INSERT that must return its row, if a rule takes the row and returns none; otherwise the error itself. */
export function withRuleAdvice(
  error: unknown,
  { name, table }: AnyModel,
  { rules }: TableFacts,
): unknown {
  if (
    !rules.insert ||
    serverErrorOf(error)?.code !== SQLSTATE.featureNotSupported
  ) return error;
  return new DiscardedRowError(
    `Cannot create ${name}: a rule of ${table} (ON INSERT DO INSTEAD) takes new rows and returns none, so that the stored row is unknown. Nothing was written. Add RETURNING to the rule, or write the row with bulkInsert`,
    { cause: error },
  );
}
