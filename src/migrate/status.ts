import { EXIT } from "../exit_codes.ts";
import { readFolder } from "./folder.ts";
import { historyOf } from "./history.ts";
import { assertSpelt } from "./misspelt.ts";
import type { FolderOptions, Migratable } from "./options.ts";
import type { StatusReport } from "./reports.ts";
import { compare, emptyProblems, lateProblems, told } from "./pending.ts";
import { exitCodeOf } from "./problem.ts";
import { pendingServerProblems } from "./requires.ts";

/** What is applied, what is pending, and what is wrong with files or history. Changes nothing and takes no lock. */
export async function status(
  db: Migratable,
  options: FolderOptions = {},
): Promise<StatusReport> {
  assertSpelt("status", options);
  const target = db.migrations();
  const folder = await readFolder(target, options.directory);
  const { applied, pending, problems } = compare(
    folder,
    await historyOf(target),
  );
  const all = [
    ...folder.problems,
    ...problems,
    ...lateProblems(pending),
    ...emptyProblems(pending),
    ...await pendingServerProblems(target, pending),
  ];
  return {
    folder: folder.path,
    place: target.place,
    applied,
    pending: pending.map(told),
    problems: all,
    exitCode: exitCodeOf(all) ||
      (pending.length > 0 ? EXIT.pending : EXIT.done),
  };
}
