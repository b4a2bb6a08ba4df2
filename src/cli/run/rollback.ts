import { DecisionError } from "../../base/errors/mod.ts";
import {
  rollback,
  type RollbackOptions,
  type RollbackReport,
} from "../../migrations/mod.ts";
import type { Dialog } from "../terminal/dialog.ts";
import { interruptible } from "../terminal/interruption.ts";
import { counted, lossText, ranText, type Report } from "../terminal/report.ts";
import type { Context } from "./context.ts";

/** Options of `dbp rollback`. */
interface RollbackCommandOptions
  extends Omit<RollbackOptions, "signal" | "onProgress" | "expect"> {
  /** Whether to lose data without asking. */
  readonly yes: boolean;
}

/**
 * Rolls migrations back.
 *
 * @throws {DecisionError} if data would be lost and the user does not confirm
 */
export async function run(
  { yes, dryRun, ...options }: RollbackCommandOptions,
  { path, open, confirm, onProgress }: Context,
): Promise<Report> {
  await using connection = await open();
  const planned = yes && !dryRun
    ? undefined
    : await rollback(connection, { ...options, onProgress, dryRun: true });
  if (planned !== undefined && dryRun) {
    return { data: planned, lines: plannedLines(planned, path) };
  }
  if (planned !== undefined) {
    await confirmLosses(planned, connection.migrations().place, confirm);
  }
  const report = await interruptible((signal) =>
    rollback(connection, {
      ...options,
      signal,
      onProgress,
      expect: planned?.pending.map(({ id }) => id),
    })
  );
  return { data: report, lines: doneLines(report, path) };
}

/** @throws {DecisionError} */
async function confirmLosses(
  { pending }: RollbackReport,
  database: string,
  confirm: Dialog["confirm"],
): Promise<void> {
  const losses = pending.filter(({ destructive }) => destructive.length > 0)
    .map(({ id, destructive }) => `${id} (${destructive.join(", ")})`);
  if (losses.length === 0) return;
  const question = `Roll back ${
    losses.join(" and ")
  }? This loses data in ${database}.`;
  if (!await confirm(question)) {
    throw new DecisionError("Nothing was rolled back", ["--yes"]);
  }
}

function plannedLines({ pending }: RollbackReport, path: string): string[] {
  if (pending.length === 0) return [nothingText(path)];
  return [
    ...pending.map(({ id, steps, fromHistory, destructive }) =>
      [
        `Would roll back ${id}`,
        counted(steps, "step"),
        ...(fromHistory
          ? ["from the history, because its file is missing"]
          : []),
        ...lossText(destructive),
      ].join(", ")
    ),
    `Nothing was done (config from ${path})`,
  ];
}

function doneLines({ reverted }: RollbackReport, path: string): string[] {
  if (reverted.length === 0) return [nothingText(path)];
  return [
    ...reverted.map((ran) => `Rolled back ${ranText(ran)}`),
    `Rolled back database with config from ${path}`,
  ];
}

function nothingText(path: string): string {
  return `Nothing to roll back (config from ${path})`;
}
