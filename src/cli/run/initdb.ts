import type { Connection } from "../../connection/connection.ts";
import type { SchemaReport } from "../../engine/engine.ts";
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { DIRECTORY } from "../../migrations/report/options.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import type { FolderOptions } from "../../migrations/mod.ts";
import { counted, type Report } from "../terminal/report.ts";
import { type HistorySteps, makeSchema, NO_STEPS } from "./make_schema.ts";
import { confirmFirst } from "./confirm_first.ts";
import type { Context } from "./context.ts";
import { commandHint } from "../../base/hints.ts";

/** Options of `dbp initdb`. */
interface InitdbOptions extends FolderOptions {
  /** Whether to create the database if it does not exist. */
  readonly createDatabase: boolean;
  /** Whether to begin a history beside tables of others without asking. */
  readonly yes: boolean;
  /** Whether to leave out position indexes whose extension cannot be created. */
  readonly skipRefused: boolean;
}

/** What `initdb` found and did. */
interface InitdbReport extends SchemaReport, HistorySteps {
  /** Whether the database itself was created. */
  readonly databaseCreated: boolean;
}

/**
 * Creates the schema of the models, and its history. If existing tables differ
 * from the models, nothing is changed.
 *
 * @throws {SchemaError} with every difference
 */
export async function run(
  { createDatabase, directory = DIRECTORY, yes, skipRefused }: InitdbOptions,
  context: Context,
): Promise<Report> {
  const { path, source, entry, engine, models, open } = context;
  // Without this function, an engine creates its database when it connects.
  const databaseCreated = createDatabase &&
    engine.createDatabase !== undefined &&
    await engine.createDatabase(entry, source);
  await using connection = await open();
  const target = targetOf(connection);
  if (target !== undefined) await confirmFirst(target, { yes }, context);
  const report = target === undefined
    ? { ...await connection.createDb({ verify: true }), ...NO_STEPS }
    : await makeSchema(
      { connection, target, models, directory, skipRefused },
      context,
    );
  const data = { databaseCreated, ...report };
  return {
    data,
    lines: reportLines(data, path),
    exitCode: report.pending.length > 0 ? EXIT.pending : EXIT.done,
  };
}

/** What the engine does for migrations; undefined if it has no migrations. */
function targetOf(connection: Connection): MigrationTarget | undefined {
  try {
    return connection.migrations();
  } catch (error) {
    if (error instanceof MigrationError) return undefined;
    throw error;
  }
}

function reportLines(
  { databaseCreated, created, present, notes = [], ...steps }: InitdbReport,
  path: string,
): string[] {
  const { pending } = steps;
  const lines = [
    ...(databaseCreated ? ["Created the database"] : []),
    ...notes,
    ...stepLines(steps),
  ];
  if (pending.length > 0) {
    return [
      ...lines,
      `Nothing was done: ${counted(pending.length, "migration")} pending, ${
        pending.join(", ")
      }. Apply with ${commandHint("migrate")} (credentials from ${path})`,
    ];
  }
  if (created.length === 0) {
    return [
      ...lines,
      `Nothing ${
        lines.length > 0 ? "else " : ""
      }to do: all tables exist and match the models (credentials from ${path})`,
    ];
  }
  if (present.length > 0) {
    lines.push(
      `Kept ${counted(present.length, "existing table")}; created ${
        created.join(", ")
      }`,
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
