import { timestampText } from "../../base/timestamp_text.ts";
import { durationText } from "../../base/duration_text.ts";
import type {
  HistoryRecord,
  MigrationRun,
} from "../../engine/migrations/mod.ts";
import { type FolderOptions, history } from "../../migrations/mod.ts";
import {
  allRuns,
  isStamped,
  isUnstamped,
  type OwnRun,
} from "../../migrations/history/history.ts";
import { counted, type Report } from "../terminal/report.ts";
import type { Context } from "./context.ts";

/** Options of `dbp history`. */
interface HistoryOptions extends FolderOptions {
  /** The number of most recent runs; all by default. */
  readonly limit: number | undefined;
}

/** Shows every run of every migration, oldest first. */
export async function run(
  { limit }: HistoryOptions,
  { path, open }: Context,
): Promise<Report> {
  await using connection = await open();
  const migrations = await history(connection);
  const all = allRuns(migrations);
  const runs = all.slice(Math.max(0, all.length - (limit ?? all.length)));
  const omitted = all.length - runs.length;
  return {
    data: { migrations: withRuns(migrations, runs) },
    lines: [
      ...(omitted === 0 ? [] : [`${counted(omitted, "older run")} not shown`]),
      ...runs.map(runText),
      ...(runs.length === 0
        ? [`No migration has been applied (config from ${path})`]
        : []),
    ],
  };
}

/** The migrations with these runs only. */
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

function runText(record: OwnRun): string {
  const { id, kind, direction, stepsDone, stepsTotal, milliseconds } = record;
  // It has no end, and a later run began.
  const state = record.isFormer && record.state === "running"
    ? "killed"
    : record.state === "reverted"
    ? "rolled back"
    : record.state;
  const { startedAt, user, host, error } = record;
  return [
    `${timestampText(startedAt)}  ${state.padEnd(11)}  ${id}`,
    ...(isStamped(record)
      ? ["stamped, not run"]
      : isUnstamped(record)
      ? ["stamp removed"]
      : [
        ...(kind === "baseline" ? ["baseline"] : []),
        ...(direction === "down" && state !== "rolled back"
          ? ["down migration"]
          : []),
        `${stepsDone} of ${counted(stepsTotal, "step")}`,
        ...(milliseconds === undefined
          ? []
          : [`in ${durationText(milliseconds)}`]),
      ]),
    `by ${user} on ${host}`,
    ...(error === undefined ? [] : [error]),
  ].join(", ");
}
