import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import { NAME_BYTES, type WantedTable } from "../../schema/table.ts";

/** Columns that the server allows for a table, dropped columns included. */
export const MOST_COLUMNS = 1600;

/**
 * Refuses tables with too many columns, and names that the server would truncate
 * silently.
 *
 * @throws {MigrationError} with exit code 4 for the first of them
 */
export function refuseOverLimits(tables: readonly WantedTable[]): void {
  for (const table of tables) {
    const refuse = (why: string): MigrationError =>
      new MigrationError(`Cannot plan ${table.name}: ${why}`, {
        exitCode: EXIT.invalid,
      });
    if (table.columns.length > MOST_COLUMNS) {
      throw refuse(
        `it has ${table.columns.length} columns, and PostgreSQL allows ${MOST_COLUMNS}`,
      );
    }
    const objects = [
      table,
      ...table.columns,
      ...table.unique,
      ...table.checks,
      ...table.foreignKeys,
      ...table.indexes,
    ];
    for (const { name } of objects) {
      const { length } = new TextEncoder().encode(name);
      if (length <= NAME_BYTES) continue;
      throw refuse(
        `the name ${name} has ${length} bytes, and PostgreSQL truncates names after ${NAME_BYTES} bytes`,
      );
    }
  }
}
