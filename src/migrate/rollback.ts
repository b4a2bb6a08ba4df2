import { MigrationError } from "../errors.ts";
import type {
  HistoryRecord,
  MigrationDialect,
  MigrationTarget,
} from "../migration.ts";
import { assertExtent } from "./choose.ts";
import { editedIn, editedProblem } from "./edited.ts";
import { type Folder, readGoodFolder, type SourceFile } from "./folder.ts";
import { commandOf, halfText } from "./half.ts";
import {
  halfWay,
  historyOf,
  isApplied,
  isStamped,
  isUnfinished,
  startsAfter,
} from "./history.ts";
import { lintFile } from "./lint.ts";
import { locked } from "./locked.ts";
import { assertOwn } from "./missing.ts";
import { meant } from "./names.ts";
import type { Migratable, RollbackOptions } from "./options.ts";
import type { RanMigration, RollbackReport } from "./reports.ts";
import { changedStep } from "./pending.ts";
import { assertNone } from "./problem.ts";
import { jobOf, runJob } from "./run.ts";

/** A migration that is to be taken back. */
export interface WayBack {
  readonly record: HistoryRecord;
  readonly source: SourceFile;
  /** Whether the file is gone, and the history's copy is used. */
  readonly fromHistory: boolean;
}

/**
 * Takes back what was applied last, one migration or as many as are asked for,
 * by the files back; where a file is gone, by the copy that the history has.
 *
 * @throws {MigrationError} before anything is done, where one of them has no way back
 * @throws {LockError} where another process has the lock too long, or it is lost
 */
export async function rollback(
  db: Migratable,
  options: RollbackOptions = {},
): Promise<RollbackReport> {
  assertExtent(options);
  const target = db.migrations();
  const folder = await readGoodFolder(target, options.directory);
  if (options.dryRun) {
    const history = await historyOf(target);
    const ways = waysBack(target, folder, history, options);
    return {
      neverApplied: told(ways, folder, history, options),
      reverted: [],
      pending: ways.map(({ record: { id }, source, fromHistory }) => ({
        id,
        steps: source.script.steps.length,
        fromHistory,
        destructive: source.script.destructive,
      })),
    };
  }
  return await locked(target, options, async (session, history) => {
    const ways = waysBack(target, folder, history, options);
    assertExpected(ways, options);
    const neverApplied = told(ways, folder, history, options);
    const next = startsAfter(history);
    const reverted: RanMigration[] = [];
    for (const { record, source } of ways) {
      const { id, kind, upChecksum } = record;
      const job = jobOf({
        id,
        kind,
        direction: "down",
        script: source.script,
        file: source.path,
        upChecksum,
        downChecksum: source.script.checksum,
        downText: source.text,
        startedAt: next(),
        record,
      });
      reverted.push(await runJob(session, job, options));
    }
    return { neverApplied, reverted, pending: [] };
  });
}

/**
 * What a run would take back, in order.
 *
 * @throws {MigrationError} where one of them has no way back
 */
export function waysBack(
  { dialect }: MigrationTarget,
  folder: Folder,
  history: readonly HistoryRecord[],
  options: Pick<RollbackOptions, "to" | "steps" | "baseline">,
): readonly WayBack[] {
  assertOwn(folder, history);
  const there = history.filter((record) =>
    isApplied(record) || halfWay(record) !== undefined
  ).reverse();
  return choose(there, options).map((record) => {
    assertWhole(record);
    if (record.kind === "baseline" && !options.baseline) {
      throw noWay(
        record,
        isStamped(record)
          ? `it is a baseline, stamped and not run: its way back may drop what was there before. \`dbp stamp --remove ${record.id}\` takes the stamp alone away; --baseline runs the way back`
          : "it is a baseline, made as what all else begins with: its way back may drop all of that. Allow it with --baseline",
      );
    }
    return wayBack(dialect, folder, record);
  });
}

/** Files that somebody may take to be what is taken back. Who expects what is, was told of them. */
function told(
  [first]: readonly WayBack[],
  { ids }: Folder,
  history: readonly HistoryRecord[],
  { to, expect, onProgress = () => {} }: RollbackOptions,
): readonly string[] {
  if (to !== undefined || first === undefined) return [];
  const [{ id: instead }, known] = [
    first.record,
    new Map(history.map((record) => [record.id, record])),
  ];
  const never = ids.filter((id) => {
    const record = known.get(id);
    return id > instead && (record === undefined ||
      isUnfinished(record) && record.direction === "up" &&
        record.stepsDone === 0);
  });
  if (never.length > 0 && expect === undefined) {
    onProgress({ kind: "passed-over", ids: never, instead });
  }
  return never;
}

/** @throws {MigrationError} where others would be taken back than a person was told */
function assertExpected(
  ways: readonly WayBack[],
  { expect }: Pick<RollbackOptions, "expect">,
): void {
  const ids = ways.map(({ record: { id } }) => id);
  if (expect === undefined || ids.join() === expect.join()) return;
  throw new MigrationError(
    `Cannot take back ${
      expect.join(", ") || "nothing"
    }: another process was at work meanwhile, and now it would be ${
      ids.join(", ") || "nothing"
    }. Nothing was done`,
  );
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
  if (why !== undefined) throw noWay(record, `it is irreversible: ${why}`);
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
      4,
    );
  }
  // What was applied with this way back was looked at then, and an emergency is no time for new rules.
  if (source.script.checksum !== record.downChecksum) {
    assertNone(lintFile(dialect, source, "down"));
  }
  return { record, source, fromHistory };
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
    4,
  );
}

function noWay(
  { id }: HistoryRecord,
  why: string,
  exitCode: number = 1,
): MigrationError {
  return new MigrationError(
    `Cannot take back ${id}: ${why}. Nothing was done`,
    {
      exitCode,
    },
  );
}
