import { migrate } from "../../migrations/mod.ts";
import type {
  MigrateReport,
  PendingMigration,
} from "../../migrations/report/reports.ts";
import { interruptible } from "../terminal/interruption.ts";
import type { MigrateCommand } from "../parse/migrate.ts";
import type { Person } from "../terminal/person.ts";
import { counted, ranText, type Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** Applies what is pending. */
export async function runMigrate(
  command: MigrateCommand,
  { tell }: Person,
): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const { dryRun } = command;
  const report = await interruptible((signal) =>
    migrate(connection, {
      directory: command.migrations,
      to: command.to,
      steps: command.steps,
      dryRun,
      lockWait: command.lockWait,
      outOfOrder: command.allowOutOfOrder,
      signal,
      onProgress: tell,
    })
  );
  return {
    data: { path, ...report },
    lines: dryRun ? plannedLines(report, path) : doneLines(report, path),
  };
}

function plannedLines(
  report: MigrateReport,
  path: string,
): string[] {
  const { pending, outOfOrder } = report;
  if (pending.length === 0) return [nothing(report, path)];
  return [
    ...pending.map((migration) =>
      `Would apply ${migration.id}, ${stepsText(migration)}`
    ),
    ...outOfOrderLines(outOfOrder),
    `Nothing was done, with config from ${path}`,
  ];
}

function doneLines(
  report: MigrateReport,
  path: string,
): string[] {
  const { applied, pending, outOfOrder } = report;
  const left = pending.length === 0
    ? []
    : [`Still pending: ${pending.map(({ id }) => id).join(", ")}`];
  if (applied.length === 0) {
    return left.length === 0
      ? [nothing(report, path)]
      : [...left, `Nothing to do up to there (config from ${path})`];
  }
  return [
    ...applied.map((ran) => `Applied ${ranText(ran)}`),
    ...outOfOrderLines(outOfOrder),
    ...left,
    `Migrated database with config from ${path}`,
  ];
}

/** How many steps there are, and what an earlier run did. */
export function stepsText(
  { steps, stepsDone, state, error, destructive, reversible }: PendingMigration,
  running: string = "goes on now or was killed",
): string {
  return [
    counted(steps, "step"),
    ...(state === undefined ? [] : [`${stepsDone} done`]),
    ...(state === "running" ? [running] : []),
    ...(destructive.length === 0
      ? []
      : [`data goes: ${destructive.join(", ")}`]),
    ...(reversible ? [] : ["no way back"]),
  ].join(", ") + (error === undefined ? "" : `: ${error}`);
}

function outOfOrderLines(ids: readonly string[]): string[] {
  return ids.length === 0
    ? []
    : [`Older than one that was applied before: ${ids.join(", ")}`];
}

function nothing({ files, folder }: MigrateReport, path: string): string {
  return files === 0
    ? `Nothing to do: there are no files in ${folder}, which \`dbp initdb\` begins (config from ${path})`
    : `Nothing to do: every migration is applied (config from ${path})`;
}
