import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationDialect,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { editedIn, editedProblem } from "../check/edited_files.ts";
import type { Folder, MigrationFiles, SourceFile } from "../folder/folder.ts";
import { commandOf, halfText } from "../history/half_done.ts";
import { halfWay, isApplied, isStamped } from "../history/history.ts";
import { lintFile } from "../check/lint.ts";
import { assertOwn } from "../check/missing_files.ts";
import { meant } from "../folder/file_name.ts";
import type { RollbackOptions } from "../report/options.ts";
import { changedStep } from "../check/compare.ts";
import { assertNone } from "../report/problem.ts";
import { serverProblems } from "../check/server_requirements.ts";

/** A migration that is to be taken back. */
export interface WayBack {
  readonly record: HistoryRecord;
  readonly source: SourceFile;
  /** Whether the file is gone, and the history's copy is used. */
  readonly fromHistory: boolean;
}

/**
 * What a run would take back, in order.
 *
 * @throws {MigrationError} where one of them has no way back, or one that this
 * server does not do
 */
export async function waysBack(
  asked: Pick<MigrationTarget, "dialect" | "server">,
  folder: Folder,
  history: readonly HistoryRecord[],
  options: Pick<RollbackOptions, "to" | "steps" | "baseline">,
): Promise<readonly WayBack[]> {
  assertOwn(folder, history);
  const there = history.filter((record) =>
    isApplied(record) || halfWay(record) !== undefined
  ).reverse();
  const ways = choose(there, options).map((record) => {
    assertWhole(record);
    if (record.kind === "baseline" && !options.baseline) {
      throw noWay(
        record,
        isStamped(record)
          ? `it is a baseline, stamped and not run: its way back may drop what was there before. \`dbp stamp --remove ${record.id}\` takes the stamp alone away; --baseline runs the way back`
          : "it is a baseline, made as what all else begins with: its way back may drop all of that. Allow it with --baseline",
      );
    }
    return wayBack(asked.dialect, folder, record);
  });
  assertNone(
    await serverProblems(
      asked,
      ways.map(({ record: { id }, source }) => ({ id, source })),
    ),
  );
  return ways;
}

function choose(
  there: readonly HistoryRecord[],
  { to, steps = 1 }: Pick<RollbackOptions, "to" | "steps">,
): readonly HistoryRecord[] {
  if (to === undefined) return there.slice(0, steps);
  const ids = there.map(({ id }) => id);
  return there.slice(0, ids.indexOf(meant(to, ids, "applied migration")));
}

function wayBack(
  dialect: MigrationDialect,
  { migrations }: Folder,
  record: HistoryRecord,
): WayBack {
  const files = migrations.find(({ id }) => id === record.id);
  const fromHistory = files?.down === undefined;
  const edited = files &&
    editedIn(files, record).find((file) => file === files.down);
  if (edited !== undefined) assertNone([editedProblem(edited, record, true)]);
  const source = files?.down ?? kept(dialect, record);
  const why = source?.script.irreversible ?? files?.up.script.irreversible;
  if (why !== undefined) {
    throw noWay(
      record,
      `it is irreversible: ${why}${files ? allTheSame(record, files) : ""}`,
    );
  }
  if (source === undefined) {
    throw noWay(
      record,
      "it has no file back, and had none when it was applied",
    );
  }
  if (source.script.steps.length === 0) {
    throw noWay(
      record,
      `${source.path} holds no statement: write it, or say \`dbp:irreversible\` and why`,
    );
  }
  const half = halfWay(record) === "down";
  const changed = half ? changedStep(record, source.script) : undefined;
  if (changed !== undefined) {
    throw noWay(
      record,
      `step ${changed} of ${source.path} was changed after it was done: restore it`,
      EXIT.invalid,
    );
  }
  // What was applied with this way back was looked at then, and an emergency is no time for new rules.
  if (source.script.checksum !== record.downChecksum) {
    assertNone(lintFile(dialect, source, "down"));
  }
  return { record, source, fromHistory };
}

/** How the steps of a way back are run that says that it is none. */
function allTheSame(
  { id }: HistoryRecord,
  { down, up }: MigrationFiles,
): string {
  if (down === undefined || up.script.irreversible !== undefined) return "";
  const { path, script: { irreversible, steps } } = down;
  return irreversible === undefined || steps.length === 0
    ? ""
    : `. To run the steps of ${path} all the same, take that line out of it, accept it with \`dbp stamp --to ${id}\`, and roll back again`;
}

/** The way back as it was when the migration was applied. */
function kept(
  dialect: MigrationDialect,
  { id, downText: text }: HistoryRecord,
): SourceFile | undefined {
  if (text === undefined) return undefined;
  const path = `${id}.down${dialect.extension} of the history`;
  return { path, text, script: dialect.parse(text, path) };
}

function assertWhole(record: HistoryRecord): void {
  if (halfWay(record) !== "up") return;
  throw noWay(
    record,
    `it is ${halfText(record)}: ${
      commandOf("up")
    } goes on, and the steps that are left may be edited first`,
    EXIT.invalid,
  );
}

function noWay(
  { id }: HistoryRecord,
  why: string,
  exitCode: number = EXIT.failed,
): MigrationError {
  return new MigrationError(
    `Cannot take back ${id}: ${why}. Nothing was done`,
    {
      exitCode,
    },
  );
}
