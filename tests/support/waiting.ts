import type { SQLConnection } from "@alerce/db-plugins";
import type { SUITE_MODELS } from "@alerce/db-plugins/testing";

/** Waits until a statement on the tables of a schema waits for a lock. */
export async function statementWaits(
  watcher: SQLConnection<typeof SUITE_MODELS>,
  schema: string,
): Promise<void> {
  for (let waits = 0n; waits === 0n;) {
    const [row] = await watcher.sql<{ waits: bigint }>`
      select count(*) as waits from pg_stat_activity
      where wait_event_type = 'Lock' and query like ${`%${schema}%`}`;
    waits = row?.waits ?? 0n;
  }
}
