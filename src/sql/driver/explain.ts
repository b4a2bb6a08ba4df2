import type { Command, SqlDriver, SqlTransaction } from "../link/link.ts";
import { rows, run } from "../link/run.ts";

/** Statements that PostgreSQL can explain; a cursor is explained by its query. */
const EXPLAINED =
  /^\s*(?:select|with|insert|update|delete|merge|values|table|\()/i;
const CURSOR = /^declare \w+ no scroll cursor with(?:out)? hold for /;
let plans = 0;

/**
 * Returns the plan of a statement, which is not executed; undefined if it has
 * none. Without values, it is the plan for any values, and contains none.
 *
 * @param driver sends it in a transaction of its own
 */
export async function explainCommand(
  driver: SqlDriver,
  { text, values }: Pick<Command, "text" | "values">,
  withValues: boolean,
): Promise<string | undefined> {
  const query = text.replace(CURSOR, "");
  if (!EXPLAINED.test(query)) return undefined;
  const tx = await driver.begin({ readOnly: true });
  try {
    return withValues || values.length === 0
      ? await linesOf(tx, `explain ${query}`, values)
      : await genericPlan(tx, query, values.length);
  } finally {
    await tx.rollback();
  }
}

/** Prepares the statement under a name, because only then is its plan without values. The name outlives a rollback. */
async function genericPlan(
  tx: SqlTransaction,
  query: string,
  count: number,
): Promise<string> {
  const name = `dbp_plan_${++plans}`;
  const nulls = Array.from({ length: count }, () => "null").join(", ");
  await run(tx, "set local plan_cache_mode = force_generic_plan");
  await run(tx, `prepare ${name} as ${query}`);
  await run(tx, "savepoint dbp_plan");
  try {
    return await linesOf(tx, `explain execute ${name}(${nulls})`, []);
  } catch (error) {
    await run(tx, "rollback to savepoint dbp_plan");
    throw error;
  } finally {
    await run(tx, `deallocate ${name}`);
  }
}

async function linesOf(
  tx: SqlTransaction,
  text: string,
  values: Command["values"],
): Promise<string> {
  const lines = await rows(tx, text, values);
  return lines.map(([line]) => line ?? "").join("\n");
}
