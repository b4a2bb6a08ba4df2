import { timeText } from "../duration.ts";
import { history } from "../migrate/mod.ts";
import { isStamped, isUnstamped } from "../migrate/history.ts";
import type { HistoryRecord } from "../migration.ts";
import type { HistoryCommand } from "./parser/history.ts";
import { counted, momentText, type Report } from "./report.ts";
import { findTarget } from "./target.ts";

/** Tells each migration's last run, oldest first. */
export async function runHistory(command: HistoryCommand): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const records = await history(connection);
  const { limit = records.length } = command;
  const migrations = records.slice(Math.max(0, records.length - limit));
  const left = records.length - migrations.length;
  return {
    data: { path, migrations },
    lines: [
      ...(left === 0 ? [] : [`${counted(left, "older migration")} not shown`]),
      ...migrations.map(lineOf),
      ...(migrations.length === 0
        ? [`No migration was ever applied (config from ${path})`]
        : []),
    ],
  };
}

function lineOf(record: HistoryRecord): string {
  const { id, kind, state, stepsDone, stepsTotal, milliseconds } = record;
  const { startedAt, user, host, error } = record;
  return [
    `${momentText(startedAt)}  ${state.padEnd(8)}  ${id}`,
    ...(isStamped(record)
      ? ["stamped, not run"]
      : isUnstamped(record)
      ? ["its stamp taken away"]
      : [
        ...(kind === "baseline" ? ["baseline"] : []),
        `${stepsDone} of ${counted(stepsTotal, "step")}`,
        ...(milliseconds === undefined ? [] : [`in ${timeText(milliseconds)}`]),
      ]),
    `by ${user} on ${host}`,
    ...(error === undefined ? [] : [error]),
  ].join(", ");
}
