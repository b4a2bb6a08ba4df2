import { EXIT } from "../../base/errors/exit_codes.ts";
import { drift } from "../../migrations/mod.ts";
import type { DriftReport } from "../../migrations/report/reports.ts";
import type { DriftCommand } from "../parse/drift.ts";
import type { Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** Tells what was changed by other means. */
export async function runDrift(command: DriftCommand): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const report = await drift(connection, { directory: command.migrations });
  return {
    data: { path, ...report },
    lines: linesOf(report, path),
    exitCode: report.exitCode,
  };
}

function linesOf(
  { place, since, changed, differences, unmanaged, pending, exitCode }:
    DriftReport,
  path: string,
): string[] {
  return [
    ...(changed === true
      ? [`The schema was changed by other means since ${since}`]
      : []),
    ...(differences.length === 0
      ? []
      : ["The database is not what the models say:"]),
    ...differences.map((difference) => `  ${difference}`),
    ...(differences.length === 0 || pending.length === 0
      ? []
      : [`That may be what is pending: ${pending.join(", ")}`]),
    ...(unmanaged.length === 0
      ? []
      : [`Known to no model, left alone: ${unmanaged.join(", ")}`]),
    exitCode === EXIT.done
      ? `No drift in ${place} (config from ${path})`
      : `Drift in ${place} (config from ${path})`,
  ];
}
