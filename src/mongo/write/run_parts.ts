import type { Document } from "mongodb";
import { partialChangeError } from "./base/partial_write.ts";
import type { WriteContext } from "./base/write_context.ts";

/**
 * Runs a command for each filter of a condition.
 *
 * @returns the total number of changed rows
 */
export async function runParts(
  context: WriteContext,
  change: "changed" | "deleted",
  filters: readonly Document[],
  run: (filter: Document) => Promise<number>,
): Promise<number> {
  let total = 0;
  for (const filter of filters) {
    try {
      total += await run(filter);
    } catch (error) {
      throw partialChangeError(context, error, change, total);
    }
  }
  return total;
}
