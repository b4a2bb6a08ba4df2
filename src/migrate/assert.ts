import { MigrationError } from "../errors.ts";
import type { HistoryRecord } from "../migration.ts";
import { pendingProblem } from "./check.ts";
import { readGoodFolder } from "./folder.ts";
import { commandOf, halfText } from "./half.ts";
import { halfWay, historyOf, managedIn } from "./history.ts";
import type { FolderOptions, Migratable } from "./options.ts";
import type { Problem } from "./reports.ts";
import { compare } from "./pending.ts";
import { assertNone } from "./problem.ts";

/**
 * Goes on where the database is ready for these models: for the start of a
 * program. Looks at files only where a folder is given; what else there is in
 * the database, made by hand or by a newer version, does not matter.
 *
 * @throws {MigrationError} with exit code 2 where a migration is pending or
 * half done, 4 where files and history do not fit, 5 where the database is not
 * what the models say
 */
export async function assertMigrated(
  db: Migratable,
  { directory }: FolderOptions = {},
): Promise<void> {
  const target = db.migrations();
  const history = await historyOf(target);
  if (directory === undefined) {
    assertNone(history.flatMap(halfProblem));
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
    { exitCode: 5 },
  );
}

function halfProblem(record: HistoryRecord): Problem[] {
  const { id } = record;
  const half = halfWay(record);
  if (half === undefined) return [];
  return [{
    exitCode: 2,
    kind: half === "up" ? "half-applied" : "half-reverted",
    id,
    problem: `${id} is ${halfText(record)}: ${commandOf(half)} goes on`,
  }];
}
