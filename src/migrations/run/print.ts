import { printable } from "../../base/errors/printable.ts";
import type {
  Draft,
  MigrationDialect,
  Script,
} from "../../engine/migrations/mod.ts";
import { readValidFolder } from "../folder/folder.ts";
import { readHistory } from "../history/history.ts";
import { assertRunnable, choose } from "./migrate.ts";
import { assertOptionNames } from "../report/option_names.ts";
import {
  assertExtent,
  type Migratable,
  type PrintOptions,
} from "../report/options.ts";
import { compare } from "../check/compare.ts";
import { downMigrations } from "./down_migrations.ts";

/** The part of a file to print. */
interface Part {
  readonly path: string;
  readonly script: Script;
  /** Number of completed steps, which are left out. */
  readonly done: number;
}

/**
 * Returns the text that `migrate`, or `rollback` for `down`, would run now, as
 * one file: for people who apply it manually and record it with `stamp`. Empty
 * if there is nothing to run.
 *
 * @throws {MigrationError} as the run would before its first step
 */
export async function printSql(
  db: Migratable,
  { direction = "up", ...options }: PrintOptions = {},
): Promise<string> {
  assertOptionNames("printSql", options);
  assertExtent(options);
  const target = db.migrations();
  const { dialect } = target;
  const folder = await readValidFolder(target, options.directory);
  const history = await readHistory(target);
  if (direction === "down") {
    const downs = await downMigrations(target, folder, history, {
      ...options,
      baseline: true,
    });
    return printed(
      dialect,
      downs.map(({ record, source }) => ({
        ...source,
        done: record.direction === "down" ? record.stepsDone : 0,
      })),
    );
  }
  const now = compare(folder, history);
  const chosen = choose(now.pending, folder, options);
  await assertRunnable(target, now, chosen, { outOfOrder: true });
  return printed(
    dialect,
    chosen.map(({ files, stepsDone }) => ({ ...files.up, done: stepsDone })),
  );
}

function printed(dialect: MigrationDialect, parts: readonly Part[]): string {
  if (parts.length === 0) return "";
  const scripts = parts.map(({ script }) => script);
  const draft: Draft = {
    steps: parts.flatMap(({ path, script: { steps }, done }) =>
      steps.map((step, index) => ({
        ...step,
        comments: [`${printable(path)}, step ${index + 1} of ${steps.length}`],
      })).slice(done)
    ),
    destructive: unique(scripts.flatMap(({ destructive }) => destructive)),
    requires: unique(scripts.flatMap(({ requires }) => requires)),
    ignored: scripts.flatMap(({ ignored }) => ignored),
    shown: true,
  };
  return dialect.print(draft);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
