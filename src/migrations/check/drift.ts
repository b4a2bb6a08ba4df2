import { printable, printableLines } from "../../base/errors/printable.ts";
import { commandHint } from "../../base/hints.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { readValidFolder } from "../folder/folder.ts";
import {
  managedNames,
  partialDirection,
  readHistory,
} from "../history/history.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import type { DriftReport } from "../report/reports.ts";
import { compare } from "./compare.ts";

/**
 * Returns whether the schema changed since the last migration, and how it and
 * the look-up rows differ from the models. Changes nothing and acquires no lock.
 *
 * @param options with `directory`, pending files explain differences from the
 * models
 */
export async function drift(
  db: Migratable,
  { directory }: FolderOptions = {},
): Promise<DriftReport> {
  const target = db.migrations();
  const history = await readHistory(target);
  if (directory === undefined) {
    return await withLookupRows(target, await driftOf(target, history, []));
  }
  const folder = await readValidFolder(target, directory);
  const { pending } = compare(folder, history);
  const ids = pending.map(({ id }) => id);
  return await withLookupRows(target, await driftOf(target, history, ids));
}

/** Adds the look-up rows that differ; if the tables differ, they cannot be compared. */
async function withLookupRows(
  target: MigrationTarget,
  report: DriftReport,
): Promise<DriftReport> {
  const { differences, pending, exitCode } = report;
  if (differences.length > 0 || pending.length > 0) return report;
  const lookupRows = await target.lookupRows?.() ?? [];
  return {
    ...report,
    lookupRows,
    exitCode: lookupRows.length > 0 ? EXIT.drift : exitCode,
  };
}

/** As {@link drift}, from a history that was read before. */
export async function driftOf(
  target: MigrationTarget,
  history: readonly HistoryRecord[],
  pending: readonly string[],
): Promise<DriftReport> {
  const { since, changed } = await changedSince(target, history);
  const { changes: differences, unmanaged } = await target.differences(
    managedNames(history),
  );
  const drifted = changed === true ||
    (differences.length > 0 && pending.length === 0);
  return {
    place: target.place,
    since,
    changed,
    differences,
    lookupRows: [],
    unmanaged,
    pending,
    exitCode: drifted ? EXIT.drift : EXIT.done,
  };
}

/** Returns whether managed objects changed since the last run; undefined if that is unknown. */
export async function changedSince(
  target: MigrationTarget,
  history: readonly HistoryRecord[],
): Promise<Pick<DriftReport, "since" | "changed">> {
  const last = history.findLast(({ state }) =>
    state === "applied" || state === "reverted"
  );
  const isPartial = history.some((record) =>
    partialDirection(record) !== undefined
  );
  const known = isPartial ? undefined : last?.fingerprint;
  return {
    since: last?.id,
    changed: known === undefined
      ? undefined
      : await target.fingerprint() !== known,
  };
}

/** Describes the drift; undefined if there is none. */
export function driftText(
  { changed, differences, since, exitCode, place, pending }: DriftReport,
): string | undefined {
  if (exitCode === EXIT.done) return undefined;
  const lines = [
    ...differences.map((difference) => `  ${difference}`),
    ...(pending.length > 0
      ? []
      : [`Run ${commandHint("make_migrations")}, or correct the models`]),
  ];
  if (!changed) {
    return printableLines([`${place} differs from the models:`, ...lines]);
  }
  const change = `${place} was changed manually after ${since}`;
  return differences.length === 0
    ? printable(change)
    : printableLines([`${change}, and differs from the models:`, ...lines]);
}
