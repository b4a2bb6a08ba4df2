import type {
  CountStatement,
  ExistsStatement,
} from "../../query/statement/statement.ts";
import { compileFilters } from "../compile/filter.ts";
import type { ReadContext } from "./read_context.ts";
import { refuseCollatedParts } from "./refuse_collated_parts.ts";

/** Counts rows, up to `max`. */
export async function count(
  context: ReadContext,
  { model, where, max }: CountStatement,
): Promise<number> {
  if (max === 0) return 0;
  let total = 0;
  const filters = compileFilters(model, where);
  if (filters.length > 1) await refuseCollatedParts(context, model);
  for (const filter of filters) {
    const limit = max === undefined ? undefined : max - total;
    total += await context.link.send({
      table: model.table,
      command: { name: "count", parts: { filter, limit } },
      work: (collection, options) =>
        collection.countDocuments(filter, {
          ...options,
          ...(limit === undefined ? {} : { limit }),
        }),
      rows: () => 1,
    });
    if (total === max) break;
  }
  return total;
}

/** Whether a row matches. */
export async function exists(
  { link }: ReadContext,
  { model, where }: ExistsStatement,
): Promise<boolean> {
  for (const filter of compileFilters(model, where)) {
    const document = await link.send({
      table: model.table,
      command: { name: "find", parts: { filter, limit: 1 } },
      work: (collection, options) =>
        collection.findOne(filter, { ...options, projection: { _id: 1 } }),
      rows: (document) => document === null ? 0 : 1,
    });
    if (document !== null) return true;
  }
  return false;
}
