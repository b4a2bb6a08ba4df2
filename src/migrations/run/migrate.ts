import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { type Folder, readValidFolder } from "../folder/folder.ts";
import { readHistory, startTimes } from "../history/history.ts";
import { lintPending } from "../check/lint.ts";
import { unlessStopped } from "../history/stopped.ts";
import { keepingEarlier } from "./record_all.ts";
import { asMigration, withLock } from "./with_lock.ts";
import { resolveId } from "../folder/migration_id.ts";
import { assertOptionNames } from "../report/option_names.ts";
import {
  assertExtent,
  type Migratable,
  type MigrateOptions,
} from "../report/options.ts";
import type {
  MigrateReport,
  Problem,
  RanMigration,
} from "../report/reports.ts";
import {
  compare,
  type Comparison,
  emptyProblems,
  outOfOrderProblems,
  type Pending,
  pendingReport,
} from "../check/compare.ts";
import { pendingWithoutDown, some } from "../check/missing_downs.ts";
import { assertNoProblems } from "../report/problem.ts";
import { pendingServerProblems } from "../check/server_requirements.ts";
import { type Job, jobOf, runJob } from "./job.ts";

/**
 * Applies pending migrations, oldest first. Each step runs once: a run that
 * failed or was killed is continued at its next step. Acquires no lock if
 * nothing is pending.
 *
 * @throws {MigrationError} with exit code 4 if files and history do not match, 6
 * if a file breaks a lint rule, 1 if a step fails
 * @throws {LockError} if another process holds the lock for too long, or it is
 * lost
 */
export async function migrate(
  db: Migratable,
  options: MigrateOptions = {},
): Promise<MigrateReport> {
  return await asMigration(() => run(db, options), options);
}

async function run(
  db: Migratable,
  options: MigrateOptions,
): Promise<MigrateReport> {
  assertOptionNames("migrate", options);
  assertExtent(options);
  const target = db.migrations();
  const folder = await readValidFolder(target, options.directory);
  const counts = { folder: folder.path, files: folder.ids.length };
  const before = compare(
    folder,
    await unlessStopped(options.signal, target.place, readHistory(target)),
  );
  const chosen = choose(before.pending, folder, options);
  if (options.dryRun) {
    await assertRunnable(target, before, chosen, options);
    return {
      ...counts,
      applied: [],
      pending: chosen.map(pendingReport),
      outOfOrder: outOfOrderIds(chosen),
      warnings: some([
        ...pendingWithoutDown(chosen) ?? [],
        ...await violationProblems(target, chosen),
      ]),
    };
  }
  if (before.problems.length === 0 && chosen.length === 0) {
    return {
      ...counts,
      applied: [],
      pending: before.pending.map(pendingReport),
      outOfOrder: [],
    };
  }
  return await withLock(target, options, async (session, history) => {
    const now = compare(folder, history);
    const chosen = choose(now.pending, folder, options);
    await assertRunnable(
      { dialect: target.dialect, server: session.server },
      now,
      chosen,
      options,
    );
    const warnings = pendingWithoutDown(chosen);
    for (const { problem } of warnings ?? []) {
      options.onProgress?.({ kind: "warning", warning: problem });
    }
    const next = startTimes(history);
    const applied: RanMigration[] = [];
    for (const pending of chosen) {
      const job = upJob(pending, next());
      applied.push(
        await keepingEarlier(applied, runJob(session, job, options)),
      );
    }
    return {
      ...counts,
      applied,
      pending: now.pending.filter((one) => !chosen.includes(one))
        .map(pendingReport),
      outOfOrder: outOfOrderIds(chosen),
      warnings,
    };
  });
}

/** Returns warnings about existing rows that would make files fail. */
async function violationProblems(
  target: MigrationTarget,
  chosen: readonly Pending[],
): Promise<readonly Problem[]> {
  const found = await target.violations?.(
    chosen.map(({ files: { up }, stepsDone }) => ({
      steps: up.script.steps.slice(stepsDone),
    })),
  );
  return (found ?? []).map((problem) => ({
    exitCode: EXIT.done,
    kind: "violation",
    problem,
  }));
}

/** Returns the job that applies a migration. */
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
 * Returns the migrations that a run would apply.
 *
 * @throws {MigrationError} with exit code 64 if `to` names no migration
 */
export function choose(
  pending: readonly Pending[],
  { ids }: Folder,
  { to, steps }: Pick<MigrateOptions, "to" | "steps">,
): readonly Pending[] {
  if (to === undefined) return pending.slice(0, steps);
  const last = resolveId(to, ids, "migration");
  // A partially applied migration is always completed first.
  return pending.filter(({ id, stepsDone }) => stepsDone > 0 || id <= last);
}

/** @throws {MigrationError} naming everything that prevents the run */
export async function assertRunnable(
  target: Pick<MigrationTarget, "dialect" | "server">,
  { problems }: Comparison,
  chosen: readonly Pending[],
  { outOfOrder = false }: Pick<MigrateOptions, "outOfOrder">,
): Promise<void> {
  assertNoProblems([
    ...problems,
    ...(outOfOrder ? [] : outOfOrderProblems(chosen)),
    ...emptyProblems(chosen),
    ...await pendingServerProblems(target, chosen),
    ...lintPending(target.dialect, chosen),
  ]);
}

function outOfOrderIds(pending: readonly Pending[]): string[] {
  return pending.filter(({ outOfOrder }) => outOfOrder).map(({ id }) => id);
}
