import { DecisionError } from "../../base/errors/mod.ts";
import { rollback } from "../../migrations/mod.ts";
import type { RollbackOptions } from "../../migrations/report/options.ts";
import type { RollbackReport } from "../../migrations/report/reports.ts";
import { interruptible } from "../terminal/interruption.ts";
import type { RollbackCommand } from "../parse/rollback.ts";
import type { Person } from "../terminal/person.ts";
import { counted, ranText, type Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/**
 * Takes migrations back.
 *
 * @throws {DecisionError} where data would go and that is not meant
 */
export async function runRollback(
  command: RollbackCommand,
  person: Person,
): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const options: RollbackOptions = {
    directory: command.migrations,
    to: command.to,
    steps: command.steps,
    baseline: command.baseline,
    lockWait: command.lockWait,
    onProgress: person.tell,
  };
  const planned = command.yes && !command.dryRun
    ? undefined
    : await rollback(connection, { ...options, dryRun: true });
  if (planned !== undefined && command.dryRun) {
    return { data: { path, ...planned }, lines: plannedLines(planned, path) };
  }
  if (planned !== undefined) {
    await confirmLosses(planned, connection.migrations().place, person);
  }
  const report = await interruptible((signal) =>
    rollback(connection, {
      ...options,
      signal,
      expect: planned?.pending.map(({ id }) => id),
    })
  );
  return { data: { path, ...report }, lines: doneLines(report, path) };
}

/** @throws {DecisionError} */
async function confirmLosses(
  { pending }: RollbackReport,
  place: string,
  { confirm }: Person,
): Promise<void> {
  const losing = pending.filter(({ destructive }) => destructive.length > 0);
  if (losing.length === 0) return;
  const losses = losing.map(({ id, destructive }) =>
    `${id} (${destructive.join(", ")})`
  );
  const question = `Take back ${
    losses.join(" and ")
  }, with the data that goes by that, from ${place}?`;
  if (!await confirm(question)) {
    throw new DecisionError("Nothing was taken back", ["--yes"]);
  }
}

function plannedLines({ pending }: RollbackReport, path: string): string[] {
  if (pending.length === 0) return [nothing(path)];
  return [
    ...pending.map(({ id, steps, fromHistory, destructive }) =>
      [
        `Would take back ${id}`,
        counted(steps, "step"),
        ...(fromHistory
          ? ["as the history keeps it, for its file is gone"]
          : []),
        ...(destructive.length === 0
          ? []
          : [`data goes: ${destructive.join(", ")}`]),
      ].join(", ")
    ),
    `Nothing was done, with config from ${path}`,
  ];
}

function doneLines({ reverted }: RollbackReport, path: string): string[] {
  if (reverted.length === 0) return [nothing(path)];
  return [
    ...reverted.map((ran) => `Took back ${ranText(ran)}`),
    `Rolled back database with config from ${path}`,
  ];
}

function nothing(path: string): string {
  return `Nothing to take back (config from ${path})`;
}
