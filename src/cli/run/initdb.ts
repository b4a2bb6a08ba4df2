import type { Connection } from "../../connection/connection.ts";
import type { SchemaReport } from "../../engine/engine.ts";
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import type { InitdbCommand } from "../parse/initdb.ts";
import type { Person } from "../terminal/person.ts";
import { counted, type Report } from "../terminal/report.ts";
import { type HistorySteps, makeSchema, NO_STEPS } from "./make_schema.ts";
import { findTarget } from "./target.ts";

/** What `initdb` found and did. */
export interface InitdbReport extends SchemaReport, HistorySteps {
  /** The settings file. */
  readonly path: string;
  /** Whether the database itself had to be made. */
  readonly databaseCreated: boolean;
}

/**
 * Makes the schema that the settings' models describe, and its history. Tables
 * that are there must be what the models say; else nothing is changed.
 *
 * @throws {SchemaError} with every difference
 */
export async function runInitdb(
  { createDatabase, migrations: directory, ...settings }: InitdbCommand,
  person: Person,
): Promise<Report> {
  const { path, source, entry, engine, models, open } = await findTarget(
    settings,
  );
  // An engine that makes its database as it opens it has nothing to do here.
  const databaseCreated = createDatabase &&
    engine.createDatabase !== undefined &&
    await engine.createDatabase(entry, source);
  await using connection = await open();
  const target = targetOf(connection);
  const made = target === undefined
    ? { ...await connection.createDb({ verify: true }), ...NO_STEPS }
    : await makeSchema({ connection, target, models, directory }, person);
  const report = { path, databaseCreated, ...made };
  return {
    data: report,
    lines: linesOf(report),
    exitCode: report.pending.length > 0 ? EXIT.pending : EXIT.done,
  };
}

/** What the engine does for migrations; undefined where it has none. */
function targetOf(connection: Connection): MigrationTarget | undefined {
  try {
    return connection.migrations();
  } catch (error) {
    if (error instanceof MigrationError) return undefined;
    throw error;
  }
}

function linesOf(
  { path, databaseCreated, created, present, notes = [], ...steps }:
    InitdbReport,
): string[] {
  const lines = [
    ...(databaseCreated ? ["Made the database"] : []),
    ...notes,
    ...stepLines(steps),
  ];
  if (steps.pending.length > 0) {
    return [
      ...lines,
      `Nothing was done: ${
        counted(steps.pending.length, "migration")
      } pending, which \`dbp migrate\` applies: ${
        steps.pending.join(", ")
      } (credentials from ${path})`,
    ];
  }
  if (created.length === 0) {
    return [
      ...lines,
      `Nothing ${
        lines.length > 0 ? "else " : ""
      }to do: every table of the models is there, as the models say (credentials from ${path})`,
    ];
  }
  if (present.length > 0) {
    lines.push(
      `Kept ${counted(present.length, "table")}; made ${created.join(", ")}`,
    );
  }
  return [...lines, `Database created with credentials from ${path}`];
}

function stepLines({ files, applied, recorded }: HistorySteps): string[] {
  return [
    ...files.map((file) => `Wrote ${file}`),
    ...(applied.length === 0 ? [] : [`Applied ${applied.join(", ")}`]),
    ...(recorded.length === 0
      ? []
      : [`Recorded as applied: ${recorded.join(", ")}`]),
  ];
}
