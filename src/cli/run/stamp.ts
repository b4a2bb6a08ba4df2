import {
  stamp,
  type StampOptions,
  type StampReport,
} from "../../migrations/mod.ts";
import { interruptible } from "../terminal/interruption.ts";
import type { Report } from "../terminal/report.ts";
import type { Context } from "./context.ts";

/** Records migrations as applied. */
export async function run(
  options: Omit<StampOptions, "signal" | "onProgress">,
  { path, open, onProgress }: Context,
): Promise<Report> {
  await using connection = await open();
  const report = await interruptible((signal) =>
    stamp(connection, { ...options, signal, onProgress })
  );
  return {
    data: report,
    lines: reportLines(report, options.dryRun === true, path),
  };
}

function reportLines(
  { folder, files, stamped, accepted, removed }: StampReport,
  dryRun: boolean,
  path: string,
): string[] {
  if (stamped.length + accepted.length + removed.length === 0) {
    const reason = files === 0
      ? `${folder} has no migration files`
      : "all migrations are applied";
    return [`Nothing to record: ${reason} (config from ${path})`];
  }
  const recorded = dryRun ? "Would record" : "Recorded";
  return [
    ...stamped.map((id) => `${recorded} ${id} as applied, without running it`),
    ...accepted.map((id) => `${recorded} the edited file of ${id}`),
    ...removed.map((id) =>
      dryRun
        ? `Would remove the stamp of ${id}, which would then be pending`
        : `Removed the stamp of ${id}, which is now pending`
    ),
    dryRun
      ? `Nothing was done (config from ${path})`
      : removed.length > 0
      ? `Changed the history with config from ${path}`
      : `Stamped database with config from ${path}`,
  ];
}
