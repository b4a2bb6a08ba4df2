import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import { NAME_BYTES, type WantedTable } from "../../schema/table.ts";

/** How many columns a table of the server's has at most, those that were dropped too. */
export const MOST_COLUMNS = 1600;

/**
 * Refuses tables of more columns than the server has room for, and names that
 * it would cut in silence, so that they would never be found again.
 *
 * @throws {MigrationError} naming the first, with exit code 4
 */
export function refuseOverLimits(tables: readonly WantedTable[]): void {
  for (const table of tables) {
    if (table.columns.length > MOST_COLUMNS) {
      throw new MigrationError(
        `Cannot plan ${table.name}: it has ${table.columns.length} columns, and a table of PostgreSQL has at most ${MOST_COLUMNS}`,
        { exitCode: EXIT.invalid },
      );
    }
    const names = [
      table.name,
      ...[
        ...table.columns,
        ...table.unique,
        ...table.checks,
        ...table.foreignKeys,
        ...table.indexes,
      ].map(({ name }) => name),
    ];
    for (const name of names) {
      const { length } = new TextEncoder().encode(name);
      if (length <= NAME_BYTES) continue;
      throw new MigrationError(
        `Cannot plan ${table.name}: the name ${name} has ${length} bytes, and PostgreSQL cuts names at ${NAME_BYTES}`,
        { exitCode: EXIT.invalid },
      );
    }
  }
}
