import { timeText } from "../duration.ts";
import { status } from "../migrate/mod.ts";
import type { AppliedMigration, StatusReport } from "../migrate/reports.ts";
import { stepsText } from "./migrate.ts";
import type { StatusCommand } from "./parser/status.ts";
import { momentText, type Report } from "./report.ts";
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
    exitCode: exitCode === 2 && !command.check ? 0 : exitCode,
  };
}

function linesOf(
  { place, folder, applied, pending, problems }: StatusReport,
  path: string,
): string[] {
  return [
    `${place}, files in ${folder}`,
    ...applied.map((migration) =>
      `applied  ${migration.id}  ${appliedText(migration)}`
    ),
    ...pending.map((migration) =>
      `${(migration.state ?? "pending").padEnd(7)}  ${migration.id}  ${
        stepsText(migration)
      }${migration.outOfOrder ? ", older than one that is applied" : ""}`
    ),
    ...problems.map(({ problem }) => problem),
    `${applied.length} applied, ${pending.length} pending (config from ${path})`,
  ];
}

function appliedText(
  { kind, appliedAt, milliseconds, edited, missing }: AppliedMigration,
): string {
  return [
    momentText(appliedAt),
    ...(kind === "baseline" ? ["baseline"] : []),
    ...(milliseconds === undefined ? [] : [`in ${timeText(milliseconds)}`]),
    ...(edited ? ["file edited since"] : []),
    ...(missing ? ["file missing"] : []),
  ].join(", ");
}
