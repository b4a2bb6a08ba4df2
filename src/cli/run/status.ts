import { EXIT } from "../../base/errors/exit_codes.ts";
import { momentText, timeText } from "../../base/time_text.ts";
import { status } from "../../migrations/mod.ts";
import type {
  AppliedMigration,
  FailedWayBack,
  StatusReport,
} from "../../migrations/report/reports.ts";
import { stepsText } from "./migrate.ts";
import type { StatusCommand } from "../parse/status.ts";
import type { Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** Tells what is applied and what is pending. */
export async function runStatus(command: StatusCommand): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const report = await status(connection, { directory: command.migrations });
  const { exitCode } = report;
  return {
    data: { path, ...report },
    lines: linesOf(report, path),
    // What is pending is no failure, unless that was the question.
    exitCode: exitCode === EXIT.pending && !command.check
      ? EXIT.done
      : exitCode,
  };
}

function linesOf(
  { place, folder, applied, pending, problems, holder }: StatusReport,
  path: string,
): string[] {
  const running = holder === undefined
    ? "was killed: nobody has the lock"
    : `${holder} has the lock`;
  return [
    `${place}, files in ${folder}`,
    ...applied.map((migration) =>
      `applied  ${migration.id}  ${appliedText(migration, running)}`
    ),
    ...pending.map((migration) =>
      `${(migration.state ?? "pending").padEnd(7)}  ${migration.id}  ${
        stepsText(migration, running)
      }${migration.outOfOrder ? ", older than one that is applied" : ""}`
    ),
    ...problems.map(({ problem }) => problem),
    `${applied.length} applied, ${pending.length} pending${
      pending.length > 0 && problems.length === 0
        ? ": `dbp migrate` goes on"
        : ""
    } (config from ${path})`,
  ];
}

function appliedText(
  { kind, stamped, appliedAt, milliseconds, edited, missing, wayBack }:
    AppliedMigration,
  running: string,
): string {
  return [
    ...(appliedAt === undefined ? [] : [momentText(appliedAt)]),
    ...(kind === "baseline" ? [stamped ? "stamped" : "baseline"] : []),
    ...(milliseconds === undefined || stamped
      ? []
      : [`in ${timeText(milliseconds)}`]),
    ...(edited ? ["file edited since"] : []),
    ...(missing ? ["file missing"] : []),
    ...(wayBack === undefined ? [] : [wayBackText(wayBack, running)]),
  ].join(", ");
}

function wayBackText(
  { state, startedAt, error }: FailedWayBack,
  running: string,
): string {
  const came = state === "failed"
    ? "failed"
    : `not one step of it done: ${running}`;
  return `still there: its way back, begun ${momentText(startedAt)}, ${came}${
    error === undefined ? "" : `: ${error}`
  }`;
}
