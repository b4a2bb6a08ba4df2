import type {
  Draft,
  MigrationDialect,
  Script,
} from "../../engine/migrations/mod.ts";
import { readGoodFolder } from "../folder/folder.ts";
import { historyOf } from "../history/history.ts";
import { assertRunnable, choose } from "./migrate.ts";
import { assertSpelt } from "../report/option_names.ts";
import {
  assertExtent,
  type Migratable,
  type PrintOptions,
} from "../report/options.ts";
import { compare } from "../check/compare.ts";
import { waysBack } from "./ways_back.ts";

/** What is to be printed of a file. */
interface Part {
  readonly path: string;
  readonly script: Script;
  /** How many of its steps are done. */
  readonly done: number;
}

/**
 * The text of what `migrate`, or for `down` `rollback`, would run now, as one
 * file: for those who apply it by hand and record it with `stamp`. Empty where
 * there is nothing to do.
 *
 * @throws {MigrationError} as the run would, before its first step
 */
export async function printSql(
  db: Migratable,
  { direction = "up", ...options }: PrintOptions = {},
): Promise<string> {
  assertSpelt("printSql", options);
  assertExtent(options);
  const target = db.migrations();
  const { dialect } = target;
  const folder = await readGoodFolder(target, options.directory);
  const history = await historyOf(target);
  if (direction === "down") {
    const ways = await waysBack(target, folder, history, {
      ...options,
      baseline: true,
    });
    return printed(
      dialect,
      ways.map(({ record, source }) => ({
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
      steps.map((step, place) => ({
        ...step,
        comments: [`${path}, step ${place + 1} of ${steps.length}`],
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
