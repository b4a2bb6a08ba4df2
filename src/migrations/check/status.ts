import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { type Folder, readFolder } from "../folder/folder.ts";
import { readHistory } from "../history/history.ts";
import { assertOptionNames } from "../report/option_names.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import type { StatusReport } from "../report/reports.ts";
import {
  compare,
  type Comparison,
  emptyProblems,
  outOfOrderProblems,
  pendingReport,
} from "./compare.ts";
import { missingDowns, some } from "./missing_downs.ts";
import { weakenedProblems } from "./weakened_problems.ts";
import { exitCodeOf } from "../report/problem.ts";
import { pendingServerProblems } from "./server_requirements.ts";

/** Returns applied and pending migrations, and problems of files and history. Changes nothing and acquires no lock. */
export async function status(
  db: Migratable,
  options: FolderOptions = {},
): Promise<StatusReport> {
  assertOptionNames("status", options);
  const target = db.migrations();
  const folder = await readFolder(target, options.directory);
  const { applied, pending, problems, history, holder } =
    await currentComparison(target, folder);
  const all = [
    ...folder.problems,
    ...problems,
    ...outOfOrderProblems(pending),
    ...emptyProblems(pending),
    ...await pendingServerProblems(target, pending),
  ];
  return {
    folder: folder.path,
    place: target.place,
    applied,
    pending: pending.map(pendingReport),
    problems: all,
    warnings: some([
      ...missingDowns(folder, history, pending) ?? [],
      ...await weakenedProblems(target, history),
    ]),
    holder,
    exitCode: exitCodeOf(all) ||
      (pending.length > 0 ? EXIT.pending : EXIT.done),
  };
}

interface CurrentState extends Comparison, Pick<StatusReport, "holder"> {
  readonly history: readonly HistoryRecord[];
}

/** Compares files and history, and names the lock holder if a run has not ended. A run that ends meanwhile counts as ended. */
async function currentComparison(
  target: MigrationTarget,
  folder: Folder,
): Promise<CurrentState> {
  const history = await readHistory(target);
  const first = compare(folder, history);
  if (!isRunning(first)) return { ...first, history };
  const holder = await target.holder();
  const later = await readHistory(target);
  return { ...compare(folder, later), history: later, holder };
}

function isRunning({ applied, pending }: Comparison): boolean {
  return pending.some(({ state }) => state === "running") ||
    applied.some(({ wayBack }) => wayBack?.state === "running");
}
