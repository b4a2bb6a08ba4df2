import { EXIT } from "../../base/errors/exit_codes.ts";
import { readFolder } from "../folder/folder.ts";
import { driftOf, driftText } from "./drift.ts";
import { applyHint, errorText, partialText } from "../history/partial_run.ts";
import { readHistory } from "../history/history.ts";
import { lintPending } from "./lint.ts";
import { assertOptionNames } from "../report/option_names.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import type { CheckReport, Problem } from "../report/reports.ts";
import {
  compare,
  emptyProblems,
  outOfOrderProblems,
  type Pending,
  pendingReport,
} from "./compare.ts";
import { exitCodeOf, worstFirst } from "../report/problem.ts";
import { missingDowns, some } from "./missing_downs.ts";
import { weakenedProblems } from "./weakened_problems.ts";
import { pendingServerProblems } from "./server_requirements.ts";

/**
 * Checks everything that can be checked without a change: invalid, edited and
 * missing files, lint rules of pending files, pending migrations and drift.
 */
export async function check(
  db: Migratable,
  options: FolderOptions = {},
): Promise<CheckReport> {
  assertOptionNames("check", options);
  const target = db.migrations();
  const folder = await readFolder(target, options.directory);
  const history = await readHistory(target);
  const { pending, problems } = compare(folder, history);
  const drift = await driftOf(target, history, pending.map(({ id }) => id));
  const drifted = driftText(drift);
  const all = worstFirst([
    ...folder.problems,
    ...problems,
    ...outOfOrderProblems(pending),
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
    warnings: some([
      ...missingDowns(folder, history, pending) ?? [],
      ...await weakenedProblems(target, history),
      ...(await target.warnings?.() ?? []).map((problem) => ({
        exitCode: EXIT.done,
        kind: "schema",
        problem,
      })),
    ]),
    pending: pending.map(pendingReport),
    drift,
    exitCode: exitCodeOf(all),
  };
}

/** Returns the problem of a pending migration. */
export function pendingProblem(
  { id, steps, stepsDone, state, error, outOfOrder, files }: Pending,
): Problem {
  const isPartial = stepsDone > 0;
  const how = isPartial
    ? `is ${partialText({ direction: "up", stepsDone, stepsTotal: steps })}`
    : state === "failed"
    ? "failed"
    : "is pending";
  const next = `${applyHint(outOfOrder)} ${
    isPartial ? "continues" : "applies"
  } it`;
  return {
    exitCode: EXIT.pending,
    kind: isPartial ? "half-applied" : "pending",
    id,
    file: files.up.path,
    problem: `${id} ${how}: ${
      error === undefined ? next : errorText(error, next)
    }`,
  };
}
