import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  Intent,
  MigrationTarget,
  SchemaPlan,
} from "../../engine/migrations/mod.ts";
import { intentOf, resolveDecisions } from "./answers.ts";
import { refusalText, verifiedFiles } from "./verified_files.ts";
import { changedSince } from "../check/drift.ts";
import { begunIds, futureProblems } from "../check/future_files.ts";
import { type Folder, readValidFolder } from "../folder/folder.ts";
import { applyHint } from "../history/partial_run.ts";
import { managedNames, readHistory } from "../history/history.ts";
import { assertSameDatabase } from "../check/missing_files.ts";
import { newId } from "../folder/file_name.ts";
import { assertOptionNames } from "../report/option_names.ts";
import type { MakeOptions, Migratable } from "../report/options.ts";
import type { MakeReport } from "../report/reports.ts";
import { compare } from "../check/compare.ts";
import { assertNoProblems } from "../report/problem.ts";
import { draftFiles, writeFiles } from "../folder/write_files.ts";
import { commandHint } from "../../base/hints.ts";

/**
 * Generates migration files from the difference between models and database,
 * tests them, and writes them. Writes nothing if there is no difference.
 * Pending files must be applied or removed first, otherwise their changes would
 * be generated again.
 *
 * @throws {MigrationError} with exit code 2 if files are pending, or if `check`
 * finds changes; 4 if files and history do not match; 7 with a sketch if a
 * change must be written manually
 * @throws {DecisionError} with the options, if a change is ambiguous and
 * `decide` does not answer
 */
export async function makeMigrations(
  db: Migratable,
  options: MakeOptions = {},
): Promise<MakeReport> {
  assertOptionNames("makeMigrations", options);
  const target = db.migrations();
  const folder = await readValidFolder(
    target,
    options.directory,
    "empty",
  );
  const history = await readHistory(target);
  if (options.empty) {
    assertSameDatabase(folder, history);
    return await makeEmpty(target, folder, history, options);
  }
  const now = options.now ?? new Date();
  const { pending, problems } = compare(folder, history, now);
  assertNoProblems(problems);
  assertApplied(pending);
  const managed = managedNames(history);
  const { since, changed } = await changedSince(target, history);
  const changedAfter = changed ? since : undefined;
  const { plan, intent } = await planWithAnswers(target, managed, options);
  const { changes, unmanaged } = plan;
  if (isEmptyPlan(plan)) {
    return {
      files: undefined,
      written: false,
      changes,
      unmanaged,
      changedSince: changedAfter,
    };
  }
  const id = newId(now, options.name ?? plan.name, [
    ...folder.ids,
    ...begunIds(history),
  ]);
  const files = await verifiedFiles(target, plan, { folder: folder.path, id }, {
    intent,
    managed,
    skipRefused: options.skipRefused,
  });
  if (!options.dryRun) await writeFiles(folder.path, files, folder.ids);
  return {
    files,
    written: !options.dryRun,
    changes,
    unmanaged,
    changedSince: changedAfter,
    ...plan.refused.length === 0
      ? {}
      : { refused: plan.refused.map((one) => refusalText(one)) },
    ...plan.violations === undefined || plan.violations.length === 0
      ? {}
      : { violations: plan.violations },
  };
}

/** Returns a plan without open questions, and its intent. */
async function planWithAnswers(
  target: MigrationTarget,
  managed: readonly string[],
  options: MakeOptions,
): Promise<{ readonly plan: SchemaPlan; readonly intent: Intent }> {
  const asked = new Set<string>();
  let intent = intentOf(options);
  while (true) {
    const plan = await target.plan({ intent, managed });
    if (options.check) assertEmptyPlan(plan);
    if (plan.decisions.length === 0) return { plan, intent };
    intent = await resolveDecisions(
      plan.decisions,
      intent,
      options.decide,
      asked,
    );
  }
}

async function makeEmpty(
  { dialect }: MigrationTarget,
  folder: Folder,
  history: readonly HistoryRecord[],
  options: MakeOptions,
): Promise<MakeReport> {
  if (options.check) {
    throw new MigrationError(
      `--empty and --check cannot be combined: one writes files, the other none`,
      { exitCode: EXIT.usage },
    );
  }
  const now = options.now ?? new Date();
  assertNoProblems(futureProblems(folder, history, now));
  const id = newId(now, options.name ?? "by_hand", [
    ...folder.ids,
    ...begunIds(history),
  ]);
  const files = draftFiles(dialect, folder.path, id, {
    up: dialect.empty("up"),
    down: dialect.empty("down"),
  });
  if (!options.dryRun) await writeFiles(folder.path, files, folder.ids);
  return { files, written: !options.dryRun, changes: [], unmanaged: [] };
}

/** @throws {MigrationError} with exit code 2, naming pending migrations */
function assertApplied(
  pending: readonly { readonly id: string; readonly outOfOrder: boolean }[],
): void {
  if (pending.length === 0) return;
  const [is, them, their] = pending.length === 1
    ? ["is", "it", "its"]
    : ["are", "them", "their"];
  throw new MigrationError(
    `Cannot generate a migration while ${
      pending.map(({ id }) => id).join(", ")
    } ${is} pending. Apply ${them} with ${
      applyHint(pending.some(({ outOfOrder }) => outOfOrder))
    }, or remove ${their} files`,
    { exitCode: EXIT.pending },
  );
}

/** @throws {MigrationError} with exit code 2, naming the changes */
function assertEmptyPlan(plan: SchemaPlan): void {
  if (isEmptyPlan(plan)) return;
  const lines = [
    ...plan.changes,
    ...plan.decisions.map(({ question }) => question),
    ...plan.refused.map(({ change }) => change),
  ];
  throw new MigrationError(
    [
      `The models are ahead of the migrations. ${
        commandHint("make_migrations")
      } would generate:`,
      ...[...new Set(lines)].map((line) => `  ${line}`),
    ],
    { exitCode: EXIT.pending },
  );
}

function isEmptyPlan({ up, decisions, refused }: SchemaPlan): boolean {
  return up.steps.length + decisions.length + refused.length === 0;
}
