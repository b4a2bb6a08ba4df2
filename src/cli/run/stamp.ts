import { stamp } from "../../migrations/mod.ts";
import type { StampReport } from "../../migrations/report/reports.ts";
import { interruptible } from "../terminal/interruption.ts";
import type { StampCommand } from "../parse/stamp.ts";
import type { Person } from "../terminal/person.ts";
import type { Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** Records migrations as applied. */
export async function runStamp(
  command: StampCommand,
  { tell }: Person,
): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const { dryRun, lockWait, to, remove } = command;
  const report = await interruptible((signal) =>
    stamp(connection, {
      directory: command.migrations,
      to,
      unstamp: remove,
      dryRun,
      lockWait,
      signal,
      onProgress: tell,
    })
  );
  return {
    data: { path, ...report },
    lines: linesOf(report, dryRun, path),
  };
}

function linesOf(
  { folder, files, stamped, accepted, removed }: StampReport,
  dryRun: boolean,
  path: string,
): string[] {
  if (stamped.length + accepted.length + removed.length === 0) {
    const why = files === 0
      ? `there are no files in ${folder}`
      : "every migration is applied";
    return [`Nothing to record: ${why} (config from ${path})`];
  }
  const would = dryRun ? "Would record" : "Recorded";
  return [
    ...stamped.map((id) => `${would} ${id} as applied, without running it`),
    ...accepted.map((id) => `${would} ${id} as its edited file says`),
    ...removed.map((id) =>
      `${dryRun ? "Would take" : "Took"} away the stamp of ${id}: it ${
        dryRun ? "would be" : "is"
      } pending`
    ),
    dryRun
      ? `Nothing was done, with config from ${path}`
      : removed.length > 0
      ? `Changed the history with config from ${path}`
      : `Stamped database with config from ${path}`,
  ];
}
