import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { pendingProblem } from "./check.ts";
import { readGoodFolder } from "../folder/folder.ts";
import { halfProblems } from "../history/half_done.ts";
import { historyOf, managedIn } from "../history/history.ts";
import { assertSpelt } from "../report/option_names.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import { compare } from "./compare.ts";
import { assertNone } from "../report/problem.ts";

/**
 * Goes on where the database is ready for these models: for the start of a
 * program. Looks at files only where a folder is given; what else there is in
 * the database, made by hand or by a newer version, does not matter.
 *
 * @throws {MigrationError} with exit code 2 where a migration is pending or
 * half applied, 4 where one is half taken back or files and history do not fit,
 * 5 where the database is not
 * what the models say
 */
export async function assertMigrated(
  db: Migratable,
  options: FolderOptions = {},
): Promise<void> {
  assertSpelt("assertMigrated", options);
  const { directory } = options;
  const target = db.migrations();
  const history = await historyOf(target);
  if (directory === undefined) {
    assertNone(history.flatMap(halfProblems));
  } else {
    const folder = await readGoodFolder(target, directory);
    const { pending, problems } = compare(folder, history);
    assertNone([...problems, ...pending.map(pendingProblem)]);
  }
  const { changes: differences } = await target.differences(
    managedIn(history),
  );
  if (differences.length === 0) return;
  throw new MigrationError(
    `${target.place} is not what the models say:\n  ${
      differences.join("\n  ")
    }`,
    { exitCode: EXIT.drift },
  );
}
