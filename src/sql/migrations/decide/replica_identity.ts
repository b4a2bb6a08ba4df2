import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { Settling } from "./context.ts";

/** An index by which replicas find a table's rows: without it those of a published table can be neither changed nor deleted, and a new one is not taken for it. */
export function replicated(
  table: string,
  index: string,
  { current }: Pick<Settling, "current">,
): SchemaPlan["refused"][number] | undefined {
  if (current.get(table)?.identity !== index) return undefined;
  return {
    change: `change or drop ${
      place.rule(table, index)
    }: replicas find the rows of ${table} by it`,
    sketch: `ALTER TABLE ${named(table)} REPLICA IDENTITY FULL;
-- The change; then, of a unique index over columns that are never null
ALTER TABLE ${named(table)} REPLICA IDENTITY USING INDEX …;`,
  };
}
