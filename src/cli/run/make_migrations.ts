import { makeMigrations } from "../../migrations/mod.ts";
import type { MakeReport } from "../../migrations/report/reports.ts";
import type { MakeMigrationsCommand } from "../parse/make_migrations.ts";
import type { Pair } from "../parse/values.ts";
import type { Person } from "../terminal/person.ts";
import type { Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";
import { UsageError } from "../parse/usage_error.ts";

/** Writes the files that make the database what the models say. */
export async function runMakeMigrations(
  command: MakeMigrationsCommand,
  { decide }: Person,
): Promise<Report> {
  const renames = recordOf("--rename", command.rename);
  const defaults = recordOf("--default", command.default);
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const report = await makeMigrations(connection, {
    directory: command.migrations,
    name: command.name,
    empty: command.empty,
    check: command.check,
    dryRun: command.dryRun,
    renames,
    drops: command.drop,
    defaults,
    decide,
  });
  return {
    data: { path, ...report },
    lines: linesOf(report, path),
    warnings: report.files === undefined || report.changedSince === undefined
      ? []
      : [
        `What models manage was changed by other means since ${report.changedSince}: these files may not fit other databases. \`dbp drift\` tells what is different`,
      ],
  };
}

function linesOf(
  { files, written, changes, unmanaged }: MakeReport,
  path: string,
): string[] {
  const kept = unmanaged.length === 0
    ? []
    : [`Known to no model, left alone: ${unmanaged.join(", ")}`];
  if (files === undefined) {
    return [
      ...kept,
      `Nothing to do: the database is what the models say (config from ${path})`,
    ];
  }
  if (!written) {
    return [
      ...changes,
      ...kept,
      ...textLines(files.up, files.upText),
      ...textLines(files.down, files.downText),
      `Nothing was written, with config from ${path}`,
    ];
  }
  return [
    ...changes,
    ...kept,
    `Wrote ${files.up}`,
    `Wrote ${files.down}`,
    `Migrations made with config from ${path}: read them, then \`dbp migrate\``,
  ];
}

function textLines(file: string, text: string): string[] {
  return ["", `${file}:`, text.trimEnd(), ""];
}

/** @throws {UsageError} where a name is given two values */
function recordOf(
  option: string,
  pairs: readonly Pair[],
): Record<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of pairs) {
    const before = values.get(name);
    if (before !== undefined && before !== value) {
      throw new UsageError(
        `${option} says two things of ${name}: ${before} and ${value}. \`dbp make_migrations --help\` tells what there is`,
      );
    }
    values.set(name, value);
  }
  return Object.fromEntries(values);
}
