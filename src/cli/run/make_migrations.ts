import {
  makeMigrations,
  type MakeOptions,
  type MakeReport,
} from "../../migrations/mod.ts";
import { type Report, unmanagedLines } from "../terminal/report.ts";
import type { Context } from "./context.ts";
import { commandHint } from "../../base/hints.ts";

/** Generates migration files from changes in the models. */
export async function run(
  options: Omit<MakeOptions, "decide" | "now">,
  { path, open, decide }: Context,
): Promise<Report> {
  await using connection = await open();
  const report = await makeMigrations(connection, { ...options, decide });
  const { files, changedSince } = report;
  return {
    data: report,
    lines: reportLines(report, path),
    warnings: [
      ...(report.refused ?? []).map((text) => text.split("\n")),
      ...report.violations ?? [],
      ...files === undefined || changedSince === undefined ? [] : [
        `The schema changed outside migrations since ${changedSince}: these files may not fit other databases. ${
          commandHint("drift")
        } shows the differences`,
      ],
    ],
  };
}

function reportLines(
  { files, written, changes, unmanaged }: MakeReport,
  path: string,
): string[] {
  if (files === undefined) {
    return [
      ...unmanagedLines(unmanaged),
      `Nothing to do: the database matches the models (config from ${path})`,
    ];
  }
  return [
    ...changes,
    ...unmanagedLines(unmanaged),
    ...(written
      ? [
        `Wrote ${files.up}`,
        `Wrote ${files.down}`,
        `Migrations made with config from ${path}: review them, then run ${
          commandHint("migrate")
        }`,
      ]
      : [
        ...fileLines(files.up, files.upText),
        ...fileLines(files.down, files.downText),
        `Nothing was written (config from ${path})`,
      ]),
  ];
}

function fileLines(file: string, text: string): string[] {
  return ["", `${file}:`, ...text.trimEnd().split("\n"), ""];
}
