import type { AnyModel } from "../model/types.ts";
import type { Query } from "../query/query.ts";
import type { RowList } from "../query/statement/column_rows.ts";
import type { WriterCall } from "./handover.ts";
import type { FlushReport } from "./types.ts";

/** What a bulk write wrote. */
export type Written = Omit<FlushReport, "rejected">;

/** A connection or a transaction that writes. */
export interface Queries {
  query<M extends AnyModel>(model: M): Query<M>;
}

/** Writes rows with one bulk write. */
export async function send(
  to: Queries,
  model: AnyModel,
  { method, options }: WriterCall,
  rows: RowList,
): Promise<Written> {
  if (method === "insert") {
    const { inserted, ignored } = await to.query(model)
      .bulkInsert(rows, options);
    return { inserted, updated: 0, ignored };
  }
  const { inserted, updated, unchanged } = await to.query(model)
    .bulkUpsert(rows, options);
  return { inserted, updated, ignored: unchanged };
}

/** Nothing written. */
export const NONE: Written = { inserted: 0, updated: 0, ignored: 0 };

/** Returns the sum of two writes. */
export function sum(one: Written, other: Written): Written {
  return {
    inserted: one.inserted + other.inserted,
    updated: one.updated + other.updated,
    ignored: one.ignored + other.ignored,
  };
}
