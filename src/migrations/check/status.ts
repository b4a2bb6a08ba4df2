import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { type Folder, readFolder } from "../folder/folder.ts";
import { historyOf } from "../history/history.ts";
import { assertSpelt } from "../report/option_names.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import type { StatusReport } from "../report/reports.ts";
import {
  compare,
  type Comparison,
  emptyProblems,
  lateProblems,
  told,
} from "./compare.ts";
import { exitCodeOf } from "../report/problem.ts";
import { pendingServerProblems } from "./server_requirements.ts";

/** What is applied, what is pending, and what is wrong with files or history. Changes nothing and takes no lock. */
export async function status(
  db: Migratable,
  options: FolderOptions = {},
): Promise<StatusReport> {
  assertSpelt("status", options);
  const target = db.migrations();
  const folder = await readFolder(target, options.directory);
  const { applied, pending, problems, holder } = await comparedNow(
    target,
    folder,
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
    holder,
    exitCode: exitCodeOf(all) ||
      (pending.length > 0 ? EXIT.pending : EXIT.done),
  };
}

/** Files and history, and who has the lock where a run has not ended. One that ends meanwhile is seen as ended. */
async function comparedNow(
  target: MigrationTarget,
  folder: Folder,
): Promise<Comparison & Pick<StatusReport, "holder">> {
  const first = compare(folder, await historyOf(target));
  if (!isRunning(first)) return first;
  const holder = await target.holder();
  return { ...compare(folder, await historyOf(target)), holder };
}

function isRunning({ applied, pending }: Comparison): boolean {
  return pending.some(({ state }) => state === "running") ||
    applied.some(({ wayBack }) => wayBack?.state === "running");
}
