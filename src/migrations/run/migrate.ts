import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { type Folder, readGoodFolder } from "../folder/folder.ts";
import { historyOf, startsAfter } from "../history/history.ts";
import { lintPending } from "../check/lint.ts";
import { locked } from "./under_lock.ts";
import { meant } from "../folder/file_name.ts";
import { assertSpelt } from "../report/option_names.ts";
import {
  assertExtent,
  type Migratable,
  type MigrateOptions,
} from "../report/options.ts";
import type { MigrateReport, RanMigration } from "../report/reports.ts";
import {
  compare,
  type Comparison,
  emptyProblems,
  lateProblems,
  type Pending,
  told,
} from "../check/compare.ts";
import { assertNone } from "../report/problem.ts";
import { pendingServerProblems } from "../check/server_requirements.ts";
import { type Job, jobOf, runJob } from "./job.ts";

/**
 * Applies the files that are not applied yet, oldest first, each step once. A
 * run that failed or was killed goes on at the step where it stopped. Where
 * nothing is pending, no lock is taken.
 *
 * @throws {MigrationError} with exit code 4 where files and history do not fit,
 * 6 where a file breaks a rule, 1 where a step fails
 * @throws {LockError} where another process has the lock too long, or it is lost
 */
export async function migrate(
  db: Migratable,
  options: MigrateOptions = {},
): Promise<MigrateReport> {
  assertSpelt("migrate", options);
  assertExtent(options);
  const target = db.migrations();
  const folder = await readGoodFolder(target, options.directory);
  const there = { folder: folder.path, files: folder.ids.length };
  const before = compare(folder, await historyOf(target));
  const chosen = choose(before.pending, folder, options);
  if (options.dryRun) {
    await assertRunnable(target, before, chosen, options);
    return {
      ...there,
      applied: [],
      pending: chosen.map(told),
      outOfOrder: late(chosen),
    };
  }
  if (before.problems.length === 0 && chosen.length === 0) {
    return {
      ...there,
      applied: [],
      pending: before.pending.map(told),
      outOfOrder: [],
    };
  }
  return await locked(target, options, async (session, history) => {
    const now = compare(folder, history);
    const chosen = choose(now.pending, folder, options);
    await assertRunnable(
      { dialect: target.dialect, server: session.server },
      now,
      chosen,
      options,
    );
    const next = startsAfter(history);
    const applied: RanMigration[] = [];
    for (const pending of chosen) {
      applied.push(await runJob(session, upJob(pending, next()), options));
    }
    return {
      ...there,
      applied,
      pending: now.pending.filter((one) => !chosen.includes(one)).map(told),
      outOfOrder: late(chosen),
    };
  });
}

/** A file forwards, to be run or to be gone on with. */
export function upJob(
  { files: { id, up, down }, record }: Pick<Pending, "files" | "record">,
  startedAt: Date,
  kind: Job["start"]["kind"] = record?.kind ?? "migrate",
): Job {
  return jobOf({
    id,
    kind,
    direction: "up",
    script: up.script,
    file: up.path,
    upChecksum: up.script.checksum,
    downChecksum: down?.script.checksum,
    downText: down?.text,
    startedAt,
    record,
  });
}

/**
 * Those that a run would apply.
 *
 * @throws {MigrationError} with exit code 64 where `to` names none
 */
export function choose(
  pending: readonly Pending[],
  { ids }: Folder,
  { to, steps }: Pick<MigrateOptions, "to" | "steps">,
): readonly Pending[] {
  if (to === undefined) return pending.slice(0, steps);
  const last = meant(to, ids, "migration");
  // What is half done is finished before anything else.
  return pending.filter(({ id, stepsDone }) => stepsDone > 0 || id <= last);
}

/** @throws {MigrationError} naming all that keeps these from being run */
export async function assertRunnable(
  asked: Pick<MigrationTarget, "dialect" | "server">,
  { problems }: Comparison,
  chosen: readonly Pending[],
  { outOfOrder = false }: Pick<MigrateOptions, "outOfOrder">,
): Promise<void> {
  assertNone([
    ...problems,
    ...(outOfOrder ? [] : lateProblems(chosen)),
    ...emptyProblems(chosen),
    ...await pendingServerProblems(asked, chosen),
    ...lintPending(asked.dialect, chosen),
  ]);
}

function late(pending: readonly Pending[]): string[] {
  return pending.filter(({ outOfOrder }) => outOfOrder).map(({ id }) => id);
}
