import { EXIT } from "../../base/errors/exit_codes.ts";
import {
  drift,
  type DriftReport,
  type FolderOptions,
} from "../../migrations/mod.ts";
import { commandHint } from "../../base/hints.ts";
import { type Report, unmanagedLines } from "../terminal/report.ts";
import type { Context } from "./context.ts";

/** Finds schema changes made outside migrations. */
export async function run(
  options: FolderOptions,
  { path, open }: Context,
): Promise<Report> {
  await using connection = await open();
  const report = await drift(connection, options);
  return {
    data: report,
    lines: reportLines(report, path),
    exitCode: report.exitCode,
  };
}

function reportLines(
  {
    place,
    since,
    changed,
    differences,
    lookupRows,
    unmanaged,
    pending,
    exitCode,
  }: DriftReport,
  path: string,
): string[] {
  return [
    ...(changed === true
      ? [`The schema changed outside migrations since ${since}`]
      : []),
    ...(differences.length === 0
      ? []
      : ["The database differs from the models and needs these changes:"]),
    ...differences.map((difference) => `  ${difference}`),
    ...(differences.length === 0 || pending.length > 0
      ? []
      : [`Run ${commandHint("make_migrations")}, or correct the models`]),
    ...(differences.length === 0 || pending.length === 0
      ? []
      : [`Pending migrations may explain this: ${pending.join(", ")}`]),
    ...(lookupRows.length === 0
      ? []
      : ["Look-up rows differ from the models:"]),
    ...lookupRows.map((row) => `  ${row}`),
    ...unmanagedLines(unmanaged),
    `${
      exitCode === EXIT.done ? "No drift" : "Drift"
    } in ${place} (config from ${path})`,
  ];
}
