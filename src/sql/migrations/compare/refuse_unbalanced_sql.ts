import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { WantedTable } from "../../schema/table.ts";
import { tokens } from "../file/tokens.ts";

/**
 * Refuses SQL of models that ends the statement that it is part of: the rest
 * would run as a statement of its own.
 *
 * @throws {MigrationError} with exit code 4 for the first such expression
 */
export function refuseUnbalancedSql(tables: readonly WantedTable[]): void {
  for (const table of tables) {
    for (const [what, text] of expressions(table)) {
      const problem = problemOf(text, `the ${what} of ${table.name}`);
      if (problem === undefined) continue;
      throw new MigrationError(
        `Cannot plan ${table.name}: the ${what} is not an SQL expression, because ${problem}`,
        { exitCode: EXIT.invalid },
      );
    }
  }
}

function* expressions(
  { columns, checks, indexes }: WantedTable,
): Generator<readonly [what: string, text: string]> {
  for (const { name, default: value, fill } of columns) {
    if (value !== undefined) yield [`default of ${name}`, value];
    if (fill !== undefined) yield [`clause that fills ${name}`, fill];
  }
  for (const { name, sql } of checks) yield [`check ${name}`, sql];
  for (const { name, where, parts } of indexes) {
    if (where !== undefined) yield [`condition of the index ${name}`, where];
    for (const part of parts) {
      if ("sql" in part) yield [`part of the index ${name}`, part.sql];
    }
  }
}

function problemOf(text: string, what: string): string | undefined {
  let open = 0;
  let isEmpty = true;
  for (const { kind, value } of tokens(text, what)) {
    if (kind === "comment") continue;
    isEmpty = false;
    if (kind !== "operator") continue;
    if (value === ";") return "it contains a ;";
    if (value === "(") open++;
    if (value === ")" && --open < 0) return "it has a ) without a (";
  }
  if (isEmpty) return "it is empty";
  return open > 0 ? "it has a ( without a )" : undefined;
}
