import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord, Script } from "../../engine/migrations/mod.ts";
import { editedIn, editedProblem } from "./edited_files.ts";
import type { Folder, MigrationFiles } from "../folder/folder.ts";
import { timestampText } from "../../base/timestamp_text.ts";
import { halfProblems, halfText } from "../history/half_done.ts";
import {
  halfWay,
  isApplied,
  isStamped,
  isUnfinished,
  timeOf,
} from "../history/history.ts";
import { missingProblems } from "./missing_files.ts";
import type {
  AppliedMigration,
  PendingMigration,
  Problem,
} from "../report/reports.ts";

/** A migration that is to be applied. */
export interface Pending extends PendingMigration {
  readonly files: MigrationFiles;
  /** What the history has of it. */
  readonly record: HistoryRecord | undefined;
}

/** Files and history, held against each other. */
export interface Comparison {
  /** In the order of application. */
  readonly applied: readonly AppliedMigration[];
  /** Those that are half done, then by time. */
  readonly pending: readonly Pending[];
  /** What keeps `migrate` from running; out of order not among them. */
  readonly problems: readonly Problem[];
}

/**
 * Holds files against the history: by the set of what is applied, so that a
 * file that came late, from another branch, is never passed over.
 */
export function compare(
  folder: Folder,
  history: readonly HistoryRecord[],
): Comparison {
  const records = new Map(history.map((record) => [record.id, record]));
  const files = new Map(folder.migrations.map((files) => [files.id, files]));
  const touched = history.filter((record) =>
    isApplied(record) || halfWay(record) !== undefined
  );
  const newest = touched.map(({ id }) => id).sort().at(-1) ?? "";
  const problems = missingProblems(folder, history);
  const applied = history.filter(isApplied).map((record) => {
    const there = files.get(record.id);
    const changed = there === undefined ? [] : editedIn(there, record);
    const edited = changed.length > 0;
    const missing = !folder.ids.includes(record.id);
    problems.push(
      ...changed.map((file) =>
        editedProblem(file, record, file === there?.down)
      ),
    );
    return {
      id: record.id,
      kind: record.kind,
      stamped: isStamped(record),
      ...howApplied(record),
      edited,
      missing,
    };
  });
  for (const record of touched) {
    const half = halfWay(record);
    if (half !== undefined) {
      problems.push(
        ...half === "down"
          ? halfProblems(record)
          : unfitProblems(record, files.get(record.id), folder),
      );
    }
  }
  const pending = folder.migrations
    .filter(({ id }) => !isPresent(records.get(id)))
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

/** That files are older than an applied one. */
export function lateProblems(pending: readonly Pending[]): Problem[] {
  return pending.filter(({ outOfOrder }) => outOfOrder).map((
    { id, files },
  ) => ({
    exitCode: EXIT.invalid,
    kind: "out-of-order",
    id,
    file: files.up.path,
    problem:
      `${files.up.path} is out of order: a later migration is applied already. Give it and its way back a time after that one, or allow it with --allow-out-of-order`,
  }));
}

/** That a file holds no statement, which must not be recorded as done. */
export function emptyProblems(pending: readonly Pending[]): Problem[] {
  return pending.filter(({ files }) => files.up.script.steps.length === 0).map((
    { id, files },
  ) => ({
    exitCode: EXIT.invalid,
    kind: "file",
    id,
    file: files.up.path,
    problem:
      `${files.up.path} holds no statement: write it, or remove it and its way back`,
  }));
}

/** The first step that was done and is another one now, from 1; undefined where there is none. */
export function changedStep(
  { stepsDone, stepHashes }: HistoryRecord,
  { steps }: Script,
): number | undefined {
  const place = stepHashes.slice(0, stepsDone).findIndex((hash, place) =>
    steps[place]?.hash !== hash
  );
  return place < 0 ? undefined : place + 1;
}

/** What the report tells of a pending migration. */
export function told(
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

/** When and in what time it was applied; what is recorded of a way back is no part of that. */
function howApplied(
  record: HistoryRecord,
): Pick<AppliedMigration, "appliedAt" | "milliseconds" | "wayBack"> {
  const { state, startedAt, milliseconds, error } = record;
  return state === "applied"
    ? { appliedAt: timeOf(record), milliseconds, wayBack: undefined }
    : {
      appliedAt: undefined,
      milliseconds: undefined,
      wayBack: { state, startedAt, error },
    };
}

/** Not to be applied: it is there, or it is half-way back, which is a problem of its own. */
function isPresent(record: HistoryRecord | undefined): boolean {
  return record !== undefined &&
    (isApplied(record) || halfWay(record) === "down");
}

function pendingOf(
  files: MigrationFiles,
  record: HistoryRecord | undefined,
  newest: string,
): Pending {
  const { id, up, down } = files;
  const tried = record !== undefined && isUnfinished(record)
    ? record
    : undefined;
  const stepsDone = tried?.stepsDone ?? 0;
  return {
    id,
    steps: up.script.steps.length,
    stepsDone,
    state: tried?.state,
    error: tried?.error,
    outOfOrder: stepsDone === 0 && id < newest,
    destructive: up.script.destructive,
    reversible: down !== undefined && down.script.steps.length > 0 &&
      (up.script.irreversible ?? down.script.irreversible) === undefined,
    files,
    record,
  };
}

/** What is wrong with the files of a migration that is half applied. */
function unfitProblems(
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
        halfText(record)
      }, but its file is not in ${path}: bring it back`,
    }];
  }
  const changed = files && changedStep(record, files.up.script);
  if (files === undefined || changed === undefined) return [];
  return [{
    exitCode: EXIT.invalid,
    kind: "edited",
    id,
    file: files.up.path,
    problem:
      `${files.up.path}: step ${changed} was changed after it was done on ${
        timestampText(timeOf(record))
      }: restore it; only the steps after step ${stepsDone} may change`,
  }];
}
