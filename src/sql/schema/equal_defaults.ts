import type { SqlTransaction } from "../link/link.ts";
import { aside, row } from "../link/run.ts";

/** Finds the pairs of differently written defaults that have the same value. */
export async function equalDefaults(
  tx: SqlTransaction,
  pairs: readonly (readonly [string, string])[],
): Promise<(left: string, right: string) => boolean> {
  const equal = new Set<string>();
  const key = (left: string, right: string): string =>
    JSON.stringify([left, right]);
  for (const [left, right] of pairs) {
    // Values that depend on time or session may be equal by chance.
    if (!isFixed(left) || !isFixed(right)) {
      if (sameClock(left) === sameClock(right)) equal.add(key(left, right));
      continue;
    }
    try {
      const [same] = await aside(
        tx,
        () => row(tx, `SELECT (${left}) = (${right})`),
      );
      if (same === "t") equal.add(key(left, right));
    } catch {
      // Not comparable, so different.
    }
  }
  return (left, right) => equal.has(key(left, right));
}

function isFixed(expression: string): boolean {
  return !/[a-z_"]\s*\(|\bCURRENT_|\bSESSION_|\bLOCALTIME|\bUSER\b/i.test(
    expression.replaceAll(/'(?:[^']|'')*'/g, "").replaceAll(
      /::[a-z ]+(?:\(\d+(?:,\d+)?\))?/gi,
      "",
    ),
  );
}

/** Returns the expression, with one name for the start time of the transaction. */
function sameClock(expression: string): string {
  return expression.replaceAll(
    /\b(?:CURRENT_TIMESTAMP|transaction_timestamp\(\))(?!\()/g,
    "now()",
  );
}
