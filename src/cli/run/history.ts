import { momentText, timeText } from "../../base/time_text.ts";
import { history } from "../../migrations/mod.ts";
import {
  isStamped,
  isUnstamped,
  type OwnRun,
  runsIn,
} from "../../migrations/history/history.ts";
import type {
  HistoryRecord,
  MigrationRun,
} from "../../engine/migrations/mod.ts";
import type { HistoryCommand } from "../parse/history.ts";
import { counted, type Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** Tells every run of every migration, oldest first. */
export async function runHistory(command: HistoryCommand): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const migrations = await history(connection);
  const all = runsIn(migrations);
  const { limit = all.length } = command;
  const runs = all.slice(Math.max(0, all.length - limit));
  const left = all.length - runs.length;
  return {
    data: { path, migrations: withRuns(migrations, runs) },
    lines: [
      ...(left === 0 ? [] : [`${counted(left, "older run")} not shown`]),
      ...runs.map(lineOf),
      ...(runs.length === 0
        ? [`No migration was ever applied (config from ${path})`]
        : []),
    ],
  };
}

/** The migrations of these runs, without others. */
function withRuns(
  migrations: readonly HistoryRecord[],
  runs: readonly OwnRun[],
): readonly HistoryRecord[] {
  const shown = new Set(runs.map(({ id, startedAt }) => `${id} ${+startedAt}`));
  return migrations.flatMap(({ former, ...last }) => {
    const isShown = ({ startedAt }: MigrationRun): boolean =>
      shown.has(`${last.id} ${+startedAt}`);
    return isShown(last) ? [{ ...last, former: former.filter(isShown) }] : [];
  });
}

function lineOf(record: OwnRun): string {
  const { id, kind, direction, stepsDone, stepsTotal, milliseconds } = record;
  // Nothing ended it, and another one was begun since.
  const state = record.isFormer && record.state === "running"
    ? "killed"
    : record.state;
  const { startedAt, user, host, error } = record;
  return [
    `${momentText(startedAt)}  ${state.padEnd(8)}  ${id}`,
    ...(isStamped(record)
      ? ["stamped, not run"]
      : isUnstamped(record)
      ? ["its stamp taken away"]
      : [
        ...(kind === "baseline" ? ["baseline"] : []),
        ...(direction === "down" && state !== "reverted" ? ["way back"] : []),
        `${stepsDone} of ${counted(stepsTotal, "step")}`,
        ...(milliseconds === undefined ? [] : [`in ${timeText(milliseconds)}`]),
      ]),
    `by ${user} on ${host}`,
    ...(error === undefined ? [] : [error]),
  ].join(", ");
}
