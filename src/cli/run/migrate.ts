import {
  migrate,
  type MigrateOptions,
  type MigrateReport,
} from "../../migrations/mod.ts";
import { interruptible } from "../terminal/interruption.ts";
import { ranText, type Report, stepsText } from "../terminal/report.ts";
import { readValidFolder } from "../../migrations/folder/folder.ts";
import { DIRECTORY } from "../../migrations/report/options.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { confirmFirst } from "./confirm_first.ts";
import type { Context } from "./context.ts";
import { commandHint } from "../../base/hints.ts";

/** Applies pending migrations. */
export async function run(
  { yes, ...options }:
    & Omit<MigrateOptions, "signal" | "onProgress">
    & { readonly yes: boolean },
  context: Context,
): Promise<Report> {
  const { path, open, onProgress } = context;
  await using connection = await open();
  const target = connection.migrations();
  if (!options.dryRun && await hasFiles(target, options)) {
    await confirmFirst(target, { yes }, context);
  }
  const report = await interruptible((signal) =>
    migrate(connection, { ...options, signal, onProgress })
  );
  return {
    data: report,
    lines: options.dryRun
      ? plannedLines(report, path)
      : doneLines(report, path),
    // A run has reported them before its first step.
    warnings: options.dryRun
      ? report.warnings?.map(({ problem }) => problem)
      : [],
  };
}

function plannedLines(report: MigrateReport, path: string): string[] {
  const { pending, outOfOrder } = report;
  if (pending.length === 0) return [nothingText(report, path)];
  return [
    ...pending.map((migration) =>
      `Would apply ${migration.id}, ${stepsText(migration)}`
    ),
    ...outOfOrderLines(outOfOrder),
    `Nothing was done (config from ${path})`,
  ];
}

function doneLines(report: MigrateReport, path: string): string[] {
  const { applied, pending, outOfOrder } = report;
  const pendingLines = pending.length === 0
    ? []
    : [`Still pending: ${pending.map(({ id }) => id).join(", ")}`];
  if (applied.length === 0) {
    return pending.length === 0 ? [nothingText(report, path)] : [
      ...pendingLines,
      `Nothing to apply: the requested migration is already applied (config from ${path})`,
    ];
  }
  return [
    ...applied.map((ran) => `Applied ${ranText(ran)}`),
    ...outOfOrderLines(outOfOrder),
    ...pendingLines,
    `Migrated database with config from ${path}`,
  ];
}

function outOfOrderLines(ids: readonly string[]): string[] {
  return ids.length === 0
    ? []
    : [`Applied out of order, after newer files: ${ids.join(", ")}`];
}

function nothingText({ files, folder }: MigrateReport, path: string): string {
  const reason = files === 0
    ? `${folder} has no migration files; ${
      commandHint("initdb")
    } writes the first`
    : "all migrations are applied";
  return `Nothing to do: ${reason} (config from ${path})`;
}

async function hasFiles(
  target: MigrationTarget,
  { directory = DIRECTORY }: Pick<MigrateOptions, "directory">,
): Promise<boolean> {
  const { migrations } = await readValidFolder(target, directory, "empty");
  return migrations.length > 0;
}
