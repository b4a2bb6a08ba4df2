import { EXIT } from "../../base/errors/exit_codes.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import { durationText } from "../../base/duration_text.ts";
import {
  type AppliedMigration,
  type FailedRollback,
  type FolderOptions,
  status,
  type StatusReport,
} from "../../migrations/mod.ts";
import { problemLines, type Report, stepsText } from "../terminal/report.ts";
import type { Context } from "./context.ts";
import { commandHint } from "../../base/hints.ts";

/** Options of `dbp status`. */
interface StatusOptions extends FolderOptions {
  /** Whether pending migrations are exit code 2. */
  readonly check: boolean;
}

/** Shows applied and pending migrations. */
export async function run(
  { check, ...options }: StatusOptions,
  { path, open }: Context,
): Promise<Report> {
  await using connection = await open();
  const report = await status(connection, options);
  const { exitCode } = report;
  return {
    data: report,
    lines: reportLines(report, path),
    warnings: report.warnings?.map(({ problem }) => problem),
    exitCode: exitCode === EXIT.pending && !check ? EXIT.done : exitCode,
  };
}

function reportLines(
  { place, folder, applied, pending, problems, holder }: StatusReport,
  path: string,
): string[] {
  const running = holder === undefined
    ? "killed (the lock is free)"
    : `running (the lock holder is ${holder})`;
  return [
    `${place}, files in ${folder}`,
    ...applied.map((migration) =>
      `applied  ${migration.id}  ${appliedText(migration, running)}`
    ),
    ...pending.map((migration) =>
      `${(migration.state ?? "pending").padEnd(7)}  ${migration.id}  ${
        stepsText(migration, running)
      }${migration.outOfOrder ? ", older than an applied migration" : ""}`
    ),
    ...problemLines(problems),
    `${applied.length} applied, ${pending.length} pending${
      pending.length > 0 && problems.length === 0
        ? `: apply with ${commandHint("migrate")}`
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
    ...(appliedAt === undefined ? [] : [timestampText(appliedAt)]),
    ...(kind === "baseline" ? [stamped ? "stamped" : "baseline"] : []),
    ...(milliseconds === undefined || stamped
      ? []
      : [`in ${durationText(milliseconds)}`]),
    ...(edited ? ["file edited since"] : []),
    ...(missing ? ["file missing"] : []),
    ...(wayBack === undefined ? [] : [failedDownText(wayBack, running)]),
  ].join(", ");
}

function failedDownText(
  { state, startedAt, error }: FailedRollback,
  running: string,
): string {
  const outcome = state === "failed"
    ? "failed"
    : `has done no step and is ${running}`;
  return `still applied: its down migration, started ${
    timestampText(startedAt)
  }, ${outcome}${error === undefined ? "" : `: ${error}`}`;
}
