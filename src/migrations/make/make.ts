import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  Intent,
  MigrationTarget,
  SchemaPlan,
} from "../../engine/migrations/mod.ts";
import { decided, intentOf } from "./answers.ts";
import { provenFiles } from "./proven_files.ts";
import { changedSince } from "../check/drift.ts";
import { type Folder, readGoodFolder } from "../folder/folder.ts";
import { historyOf, managedIn } from "../history/history.ts";
import { assertOwn } from "../check/missing_files.ts";
import { newId } from "../folder/file_name.ts";
import { assertSpelt } from "../report/option_names.ts";
import type { MakeOptions, Migratable } from "../report/options.ts";
import type { MakeReport } from "../report/reports.ts";
import { compare } from "../check/compare.ts";
import { assertNone } from "../report/problem.ts";
import { filesOf, writeFiles } from "../folder/write_files.ts";

/**
 * Writes the files that make the database what the models say, and back. They
 * are proven before they are written. Where there is nothing to do, it writes
 * nothing. Files that are not applied must be applied or removed first: what
 * they do would be written a second time.
 *
 * @throws {MigrationError} with exit code 2 where files are pending, or `check`
 * finds something to do; 4 where files and history do not fit; 7 with a sketch
 * where a change must be written by hand
 * @throws {DecisionError} with what there is to choose from, where a change
 * could be read in two ways and `decide` does not answer
 */
export async function makeMigrations(
  db: Migratable,
  options: MakeOptions = {},
): Promise<MakeReport> {
  assertSpelt("makeMigrations", options);
  const target = db.migrations();
  const folder = await readGoodFolder(
    target,
    options.directory,
    "empty",
  );
  const history = await historyOf(target);
  if (options.empty) {
    assertOwn(folder, history);
    return await makeEmpty(target, folder, options);
  }
  const { pending, problems } = compare(folder, history);
  assertNone(problems);
  assertApplied(pending);
  const managed = managedIn(history);
  const { since, changed } = await changedSince(target, history);
  const changedAfter = changed ? since : undefined;
  const { plan, intent } = await planned(target, managed, options);
  const { changes, unmanaged } = plan;
  if (isNothing(plan)) {
    return {
      files: undefined,
      written: false,
      changes,
      unmanaged,
      changedSince: changedAfter,
    };
  }
  const ids = [...folder.ids, ...history.map(({ id }) => id)];
  const id = newId(options.now ?? new Date(), options.name ?? plan.name, ids);
  const files = await provenFiles(target, plan, { folder: folder.path, id }, {
    intent,
    managed,
  });
  if (!options.dryRun) await writeFiles(folder.path, files, folder.ids);
  return {
    files,
    written: !options.dryRun,
    changes,
    unmanaged,
    changedSince: changedAfter,
  };
}

/** A plan without questions, and the intent that it was made with. */
async function planned(
  target: MigrationTarget,
  managed: readonly string[],
  options: MakeOptions,
): Promise<{ readonly plan: SchemaPlan; readonly intent: Intent }> {
  const asked = new Set<string>();
  let intent = intentOf(options);
  while (true) {
    const plan = await target.plan({ intent, managed });
    if (options.check) assertNothing(plan);
    if (plan.decisions.length === 0) return { plan, intent };
    intent = await decided(plan.decisions, intent, options.decide, asked);
  }
}

async function makeEmpty(
  { dialect }: MigrationTarget,
  folder: Folder,
  options: MakeOptions,
): Promise<MakeReport> {
  if (options.check) {
    throw new MigrationError(
      "--empty writes files whatever there is to do, and --check writes none: give one of them",
      { exitCode: EXIT.usage },
    );
  }
  const id = newId(
    options.now ?? new Date(),
    options.name ?? "by_hand",
    folder.ids,
  );
  const files = filesOf(dialect, folder.path, id, {
    up: dialect.empty("up"),
    down: dialect.empty("down"),
  });
  if (!options.dryRun) await writeFiles(folder.path, files, folder.ids);
  return { files, written: !options.dryRun, changes: [], unmanaged: [] };
}

/** @throws {MigrationError} with exit code 2, naming what is not applied */
function assertApplied(pending: readonly { readonly id: string }[]): void {
  if (pending.length === 0) return;
  throw new MigrationError(
    `Cannot compare the models with the database before it has what the files say: ${
      pending.map(({ id }) => id).join(", ")
    } ${
      pending.length === 1 ? "is" : "are"
    } pending. Apply with \`dbp migrate\`, or remove the files`,
    { exitCode: EXIT.pending },
  );
}

/** @throws {MigrationError} with exit code 2, naming what there is to do */
function assertNothing(plan: SchemaPlan): void {
  if (isNothing(plan)) return;
  const lines = [
    ...plan.changes,
    ...plan.decisions.map(({ question }) => question),
    ...plan.refused.map(({ change }) => change),
  ];
  throw new MigrationError(
    `The models are ahead of the migrations; \`dbp make_migrations\` writes:\n  ${
      [...new Set(lines)].join("\n  ")
    }`,
    { exitCode: EXIT.pending },
  );
}

function isNothing({ up, decisions, refused }: SchemaPlan): boolean {
  return up.steps.length + decisions.length + refused.length === 0;
}
