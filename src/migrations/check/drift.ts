import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  HistoryRecord,
  MigrationTarget,
} from "../../engine/migrations/mod.ts";
import { readGoodFolder } from "../folder/folder.ts";
import { halfWay, historyOf, managedIn } from "../history/history.ts";
import type { FolderOptions, Migratable } from "../report/options.ts";
import type { DriftReport } from "../report/reports.ts";
import { compare } from "./compare.ts";

/**
 * Whether the schema is what the last migration left, and what the models say.
 * Changes nothing and takes no lock.
 *
 * @param options with `directory`, files that are pending are taken to explain
 * what is different from the models
 */
export async function drift(
  db: Migratable,
  { directory }: FolderOptions = {},
): Promise<DriftReport> {
  const target = db.migrations();
  const history = await historyOf(target);
  if (directory === undefined) return await driftOf(target, history, []);
  const folder = await readGoodFolder(target, directory);
  const { pending } = compare(folder, history);
  return await driftOf(target, history, pending.map(({ id }) => id));
}

/** {@link drift} of what was read already. */
export async function driftOf(
  target: MigrationTarget,
  history: readonly HistoryRecord[],
  pending: readonly string[],
): Promise<DriftReport> {
  const { since, changed } = await changedSince(target, history);
  const { changes: differences, unmanaged } = await target.differences(
    managedIn(history),
  );
  const drifted = changed === true ||
    (differences.length > 0 && pending.length === 0);
  return {
    place: target.place,
    since,
    changed,
    differences,
    unmanaged,
    pending,
    exitCode: drifted ? EXIT.drift : EXIT.done,
  };
}

/** Whether what models manage is what the last run left; undefined where that is not known. */
export async function changedSince(
  target: MigrationTarget,
  history: readonly HistoryRecord[],
): Promise<Pick<DriftReport, "since" | "changed">> {
  const last = history.findLast(({ state }) =>
    state === "applied" || state === "reverted"
  );
  const half = history.some((record) => halfWay(record) !== undefined);
  const known = half ? undefined : last?.fingerprint;
  return {
    since: last?.id,
    changed: known === undefined
      ? undefined
      : await target.fingerprint() !== known,
  };
}

/** What drift there is, in a sentence; undefined where there is none. */
export function driftSentence(
  { changed, differences, since, exitCode, place }: DriftReport,
): string | undefined {
  if (exitCode === EXIT.done) return undefined;
  const lines = differences.map((difference) => `\n  ${difference}`).join("");
  if (changed) {
    return `${place} was changed by hand after ${since}${
      differences.length === 0
        ? ""
        : `, and is not what the models say:${lines}`
    }`;
  }
  return `${place} is not what the models say:${lines}`;
}
