import { QueryError } from "../../base/errors/mod.ts";
import { isAmong } from "../../load/input/find_files.ts";

/**
 * Checks the file of rejected rows, if there is one.
 *
 * @throws {QueryError} if it would overwrite an input
 */
export async function assertNoInput(
  what: string,
  rejects: string | undefined,
  files: readonly string[],
): Promise<void> {
  if (rejects === undefined || !await isAmong(rejects, files)) return;
  throw new QueryError(
    `Cannot load ${what}: --rejects would overwrite the input ${rejects}`,
    { field: "rejects" },
  );
}
