import { check } from "../../migrations/mod.ts";
import type { CheckReport } from "../../migrations/report/reports.ts";
import type { CheckCommand } from "../parse/check.ts";
import { counted, type Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** Looks for everything that could be wrong. */
export async function runCheck(command: CheckCommand): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const report = await check(connection, { directory: command.migrations });
  return {
    data: { path, ...report },
    lines: linesOf(report, path),
    exitCode: report.exitCode,
  };
}

function linesOf({ problems }: CheckReport, path: string): string[] {
  return [
    ...problems.map(({ problem }) => problem),
    problems.length === 0
      ? `Nothing is wrong (config from ${path})`
      : `${counted(problems.length, "problem")} (config from ${path})`,
  ];
}
