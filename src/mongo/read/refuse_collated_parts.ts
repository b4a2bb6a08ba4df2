import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { ReadContext } from "./read_context.ts";

/**
 * Refuses to split a condition into parts if its collection has a collation:
 * different texts can then be equal, so that a document can match several parts,
 * and only the server knows its order.
 *
 * @throws {QueryError} with the collation
 */
export async function refuseCollatedParts(
  { collections }: ReadContext,
  model: AnyModel,
): Promise<void> {
  const collation = await collections.collationOf(model);
  if (collation === undefined) return;
  throw new QueryError(
    `Cannot use this filter of ${model.name}: its lists of values are too long for one command of MongoDB, and they cannot be split, because the collection ${model.table} has the collation ${
      JSON.stringify(collation)
    }. Pass fewer values per call`,
    { model: model.name },
  );
}
