import { appendSentence, DbPluginsError } from "../../base/errors/mod.ts";
import type {
  MigrationSession,
  NewRecord,
} from "../../engine/migrations/mod.ts";

/** Writes records one by one. If one fails, the error names the earlier ones, which stay. */
export async function recordAll(
  session: Pick<MigrationSession, "record">,
  records: readonly NewRecord[],
): Promise<void> {
  for (const [index, record] of records.entries()) {
    await keepingEarlier(records.slice(0, index), session.record(record));
  }
}

/** Waits for the work on a migration. If it fails, its error names the earlier migrations of the same call, which it does not undo. */
export async function keepingEarlier<T>(
  earlier: readonly { readonly id: string }[],
  work: Promise<T>,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (earlier.length > 0 && error instanceof DbPluginsError) {
      const ids = earlier.map(({ id }) => id).join(", ");
      appendSentence(error, `Done before and kept: ${ids}`);
    }
    throw error;
  }
}
