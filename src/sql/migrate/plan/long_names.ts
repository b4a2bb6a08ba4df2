import { MigrationError } from "../../../errors.ts";
import { NAME_BYTES, type WantedTable } from "../../schema/table.ts";

/**
 * Refuses names that the server would cut in silence, so that they would never
 * be found again.
 *
 * @throws {MigrationError} naming the first, with exit code 4
 */
export function refuseLongNames(tables: readonly WantedTable[]): void {
  for (const table of tables) {
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
        { exitCode: 4 },
      );
    }
  }
}
