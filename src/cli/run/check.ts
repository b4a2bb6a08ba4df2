import { check, type FolderOptions } from "../../migrations/mod.ts";
import { counted, problemLines, type Report } from "../terminal/report.ts";
import type { Context } from "./context.ts";

/** Finds problems in files, history and schema. */
export async function run(
  options: FolderOptions,
  { path, open }: Context,
): Promise<Report> {
  await using connection = await open();
  const report = await check(connection, options);
  const { problems, warnings, exitCode } = report;
  return {
    data: report,
    lines: [
      ...problemLines(problems),
      `${
        problems.length === 0
          ? "No problems found"
          : `${counted(problems.length, "problem")} found`
      } (config from ${path})`,
    ],
    warnings: warnings?.map(({ problem }) => problem),
    exitCode,
  };
}
