import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord, Script } from "../../engine/migrations/mod.ts";
import { editedFiles, editedProblem } from "./edited_files.ts";
import { idAt } from "../folder/file_name.ts";
import type { Folder, MigrationFiles } from "../folder/folder.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import {
  applyHint,
  partialProblems,
  partialText,
} from "../history/partial_run.ts";
import {
  isApplied,
  isStamped,
  isUnfinished,
  partialDirection,
  runTime,
} from "../history/history.ts";
import { begunIds, futureProblems } from "./future_files.ts";
import { missingProblems } from "./missing_files.ts";
import type {
  AppliedMigration,
  PendingMigration,
  Problem,
} from "../report/reports.ts";

/** A migration to apply. */
export interface Pending extends PendingMigration {
  readonly files: MigrationFiles;
  /** Its record in the history. */
  readonly record: HistoryRecord | undefined;
  /** The newest migration that is applied, completely or partially. */
  readonly newest: string;
}

/** The files, compared with the history. */
export interface Comparison {
  /** In the order of application. */
  readonly applied: readonly AppliedMigration[];
  /** Partially applied ones first, then by time. */
  readonly pending: readonly Pending[];
  /** Problems that prevent `migrate`, except for a wrong order. */
  readonly problems: readonly Problem[];
}

/**
 * Compares the files with the history. It compares sets, so that a file that was
 * merged late is never skipped.
 */
export function compare(
  folder: Folder,
  history: readonly HistoryRecord[],
  now: Date = new Date(),
): Comparison {
  const records = new Map(history.map((record) => [record.id, record]));
  const files = new Map(folder.migrations.map((files) => [files.id, files]));
  const begun = new Set(begunIds(history));
  const touched = history.filter(({ id }) => begun.has(id));
  const newest = [...begun].sort().at(-1) ?? "";
  const problems = [
    ...missingProblems(folder, history),
    ...futureProblems(folder, history, now),
  ];
  const applied = history.filter(isApplied).map((record) => {
    const existing = files.get(record.id);
    const changed = existing === undefined ? [] : editedFiles(existing, record);
    const edited = changed.length > 0;
    const missing = !folder.ids.includes(record.id);
    problems.push(
      ...changed.map((file) =>
        editedProblem(file, record, file === existing?.down)
      ),
    );
    return {
      id: record.id,
      kind: record.kind,
      stamped: isStamped(record),
      ...applicationOf(record),
      edited,
      missing,
    };
  });
  for (const record of touched) {
    const direction = partialDirection(record);
    if (direction !== undefined) {
      problems.push(
        ...direction === "down"
          ? partialProblems(record)
          : partialFileProblems(record, files.get(record.id), folder),
      );
    }
  }
  const pending = folder.migrations
    .filter(({ id }) => isApplicable(records.get(id)))
    .map((files) => pendingOf(files, records.get(files.id), newest));
  return {
    applied,
    pending: [
      ...pending.filter(({ stepsDone }) => stepsDone > 0),
      ...pending.filter(({ stepsDone }) => stepsDone === 0),
    ],
    problems,
  };
}

/** Returns the problems of files that are older than an applied one. */
export function outOfOrderProblems(
  pending: readonly Pending[],
  now: Date = new Date(),
): Problem[] {
  return pending.filter(({ outOfOrder }) => outOfOrder).map((
    { id, files, newest },
  ) => ({
    exitCode: EXIT.invalid,
    kind: "out-of-order",
    id,
    file: files.up.path,
    problem:
      `${files.up.path} is out of order: it is older than ${newest}, which is already applied. If it does not depend on that order, apply it with ${
        applyHint(true)
      }. If no database has it yet, rename its files to ${
        idAt(id, now)
      } instead`,
  }));
}

/** Returns the problems of files without a statement, which must not be recorded as applied. */
export function emptyProblems(pending: readonly Pending[]): Problem[] {
  return pending.filter(({ files }) => files.up.script.steps.length === 0).map((
    { id, files },
  ) => ({
    exitCode: EXIT.invalid,
    kind: "file",
    id,
    file: files.up.path,
    problem:
      `${files.up.path} has no statement: write one, or remove both files of the migration`,
  }));
}

/** Returns the number of the first completed step that the file no longer has, from 1; undefined if there is none. */
export function editedStep(
  { stepsDone, stepHashes }: HistoryRecord,
  { steps }: Script,
): number | undefined {
  const index = stepHashes.slice(0, stepsDone).findIndex((hash, index) =>
    steps[index]?.hash !== hash
  );
  return index < 0 ? undefined : index + 1;
}

/** Returns the report of a pending migration. */
export function pendingReport(
  { id, steps, stepsDone, state, error, outOfOrder, destructive, reversible }:
    Pending,
): PendingMigration {
  return {
    id,
    steps,
    stepsDone,
    state,
    error,
    outOfOrder,
    destructive,
    reversible,
  };
}

/** Returns when a migration was applied and how long it took; undefined values if the record describes a later rollback. */
function applicationOf(
  record: HistoryRecord,
): Pick<AppliedMigration, "appliedAt" | "milliseconds" | "wayBack"> {
  const { state, startedAt, milliseconds, error } = record;
  return state === "applied"
    ? { appliedAt: runTime(record), milliseconds, wayBack: undefined }
    : {
      appliedAt: undefined,
      milliseconds: undefined,
      wayBack: { state, startedAt, error },
    };
}

/** Returns whether a migration can be applied: it is neither applied nor partially rolled back. */
function isApplicable(record: HistoryRecord | undefined): boolean {
  return record === undefined ||
    !(isApplied(record) || partialDirection(record) === "down");
}

function pendingOf(
  files: MigrationFiles,
  record: HistoryRecord | undefined,
  newest: string,
): Pending {
  const { id, up, down } = files;
  const unfinished = record !== undefined && isUnfinished(record)
    ? record
    : undefined;
  const stepsDone = unfinished?.stepsDone ?? 0;
  return {
    id,
    steps: up.script.steps.length,
    stepsDone,
    state: unfinished?.state,
    error: unfinished?.error,
    outOfOrder: stepsDone === 0 && id < newest,
    destructive: up.script.destructive,
    reversible: down !== undefined && down.script.steps.length > 0 &&
      (up.script.irreversible ?? down.script.irreversible) === undefined,
    files,
    record,
    newest,
  };
}

/** Returns the problems of a partially applied migration with its files. */
function partialFileProblems(
  record: HistoryRecord,
  files: MigrationFiles | undefined,
  { ids, path }: Folder,
): Problem[] {
  const { id, stepsDone } = record;
  if (!ids.includes(id)) {
    return [{
      exitCode: EXIT.invalid,
      kind: "missing",
      id,
      problem: `${id} is ${
        partialText(record)
      }, but its file is not in ${path}: restore the file`,
    }];
  }
  const edited = files && editedStep(record, files.up.script);
  if (files === undefined || edited === undefined) return [];
  return [{
    exitCode: EXIT.invalid,
    kind: "edited",
    id,
    file: files.up.path,
    problem: `${files.up.path}: step ${edited} was edited after it ran on ${
      timestampText(runTime(record))
    }: restore it. Only the steps after step ${stepsDone} may change`,
  }];
}
