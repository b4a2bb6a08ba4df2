import { MigrationError } from "../../base/errors/mod.ts";
import type {
  HistoryRecord,
  MigrationTarget,
  Script,
} from "../../engine/migrations/mod.ts";
import { editedStep } from "../check/compare.ts";
import type { SourceFile } from "../folder/source_file.ts";
import type { MigrationFiles } from "../folder/folder.ts";
import { UNDO_MARK } from "../plan/draft.ts";

/** The rules that data loss without a declaration breaks, on either engine. */
const LOSS = ["drop-without-destructive", "destructive"];

/** What is needed of an engine. */
export type UndoTarget = Pick<MigrationTarget, "dialect" | "undo">;

/** The number of steps of {@link undoSource} that are done before it runs: its first step says what the others do. */
export const MARK_STEPS = 1;

/**
 * Returns the steps that undo a partially applied migration, as a down file.
 * Undefined if the engine cannot find them.
 *
 * @throws {MigrationError} if a step that is done lost data, or nothing shows
 * what it changed; its message continues "Cannot roll back …: "
 */
export async function undoSource(
  { dialect, undo }: UndoTarget,
  { up, down }: MigrationFiles,
  record: HistoryRecord,
): Promise<SourceFile | undefined> {
  if (undo === undefined || down === undefined) return undefined;
  if (down.script.steps.length === 0) return undefined;
  if (editedStep(record, up.script) !== undefined) return undefined;
  const { stepsDone, id, started, stepHashes } = record;
  if (started && up.script.steps[stepsDone]?.hash !== stepHashes[stepsDone]) {
    return undefined;
  }
  const lossIn = (script: Script): number | undefined =>
    dialect.lint({ ...script, destructive: [], ignored: [] }, "down")
      .find(({ rule }) => LOSS.includes(rule))?.line;
  const done = stepsOf(up.script, 0, stepsDone);
  const lost = lossIn(done);
  if (lost !== undefined) {
    throw new MigrationError(
      `line ${lost} of ${up.path} is done and has lost data`,
    );
  }
  const next = stepsOf(up.script, stepsDone, stepsDone + 1);
  const losing = started ? lossIn(next) : undefined;
  if (losing !== undefined) {
    throw new MigrationError(
      `line ${losing} of ${up.path} was started and may have lost data`,
    );
  }
  const draft = await undo({
    done,
    rest: stepsOf(up.script, stepsDone),
    down: down.script,
    started,
  });
  const text = dialect.print(draft);
  const path = `the steps that undo the first ${stepsDone} of ${id}`;
  return { path, text, script: dialect.parse(text, path) };
}

/** Returns whether a text in the history undoes a partial run, and is not a down file. */
export function isUndoText(text: string | undefined): boolean {
  return text?.includes(UNDO_MARK) === true;
}

function stepsOf(script: Script, start: number, end?: number): Script {
  return { ...script, steps: script.steps.slice(start, end) };
}
