import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { pendingProblem } from "./check.ts";
import { readValidFolder } from "../folder/folder.ts";
import { partialProblems } from "../history/partial_run.ts";
import { managedNames, readHistory } from "../history/history.ts";
import { assertOptionNames } from "../report/option_names.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import { compare } from "./compare.ts";
import { assertNoProblems } from "../report/problem.ts";

/**
 * Checks at the start of a program that the database is ready for its models.
 * Reads files only if a folder is given. Ignores other objects in the database.
 *
 * @throws {MigrationError} with exit code 2 if a migration is pending or
 * partially applied, 4 if one is partially rolled back or files and history do
 * not match, 5 if the database differs from the models
 */
export async function assertMigrated(
  db: Migratable,
  options: FolderOptions = {},
): Promise<void> {
  assertOptionNames("assertMigrated", options);
  const { directory } = options;
  const target = db.migrations();
  const history = await readHistory(target);
  if (directory === undefined) {
    assertNoProblems(history.flatMap(partialProblems));
  } else {
    const folder = await readValidFolder(target, directory);
    const { pending, problems } = compare(folder, history);
    assertNoProblems([...problems, ...pending.map(pendingProblem)]);
  }
  const { changes: differences } = await target.differences(
    managedNames(history),
  );
  if (differences.length === 0) return;
  throw new MigrationError(
    [
      `${target.place} differs from the models:`,
      ...differences.map((difference) => `  ${difference}`),
    ],
    { exitCode: EXIT.drift },
  );
}
