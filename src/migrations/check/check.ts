import { EXIT } from "../../base/errors/exit_codes.ts";
import { readFolder } from "../folder/folder.ts";
import { driftOf, driftSentence } from "./drift.ts";
import { commandOf, halfText } from "../history/half_done.ts";
import { historyOf } from "../history/history.ts";
import { lintPending } from "./lint.ts";
import { assertSpelt } from "../report/option_names.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import type { CheckReport, Problem } from "../report/reports.ts";
import {
  compare,
  emptyProblems,
  lateProblems,
  type Pending,
  told,
} from "./compare.ts";
import { exitCodeOf, worstFirst } from "../report/problem.ts";
import { pendingServerProblems } from "./server_requirements.ts";

/**
 * All that can be told without changing anything: files that are wrong, edited
 * or missing, rules that pending files break, what is pending, and drift.
 */
export async function check(
  db: Migratable,
  options: FolderOptions = {},
): Promise<CheckReport> {
  assertSpelt("check", options);
  const target = db.migrations();
  const folder = await readFolder(target, options.directory);
  const history = await historyOf(target);
  const { pending, problems } = compare(folder, history);
  const drift = await driftOf(target, history, pending.map(({ id }) => id));
  const drifted = driftSentence(drift);
  const all = worstFirst([
    ...folder.problems,
    ...problems,
    ...lateProblems(pending),
    ...emptyProblems(pending),
    ...await pendingServerProblems(target, pending),
    ...lintPending(target.dialect, pending),
    ...(drifted === undefined
      ? []
      : [{ exitCode: EXIT.drift, kind: "drift", problem: drifted }]),
    ...pending.map(pendingProblem),
  ]);
  return {
    folder: folder.path,
    place: target.place,
    problems: all,
    pending: pending.map(told),
    drift,
    exitCode: exitCodeOf(all),
  };
}

/** What a pending migration is called in a list of what is to be done. */
export function pendingProblem(
  { id, steps, stepsDone, state, error, files }: Pending,
): Problem {
  const half = stepsDone > 0;
  const how = half
    ? `is ${halfText({ direction: "up", stepsDone, stepsTotal: steps })}`
    : state === "failed"
    ? "failed"
    : "is pending";
  const what = error ??
    `${commandOf("up")} ${half ? "goes on" : "applies it"}`;
  return {
    exitCode: EXIT.pending,
    kind: half ? "half-applied" : "pending",
    id,
    file: files.up.path,
    problem: `${id} ${how}: ${what}`,
  };
}
