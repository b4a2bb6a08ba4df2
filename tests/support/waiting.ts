import type { SQLConnection } from "@alerce/db-plugins";
import type { SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { inspect, isDeepStrictEqual } from "node:util";
import { pause } from "../../src/base/pause.ts";

/** Milliseconds after which a test stops waiting: far more than a slow machine needs, and less than the statements that tests leave running. */
const PATIENCE = 45_000;

/** Waits until a condition holds. If it does not, the error says what was expected. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  await untilEqual(what, holds, true);
}

/** Waits until a value that changes equals another. If it does not, the error shows the last value. */
export async function untilEqual<T>(
  what: string,
  read: () => T | Promise<T>,
  expected: T,
): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const value = await read();
    if (isDeepStrictEqual(value, expected)) return;
    assert.ok(
      performance.now() < end,
      `Waited ${PATIENCE / 1_000} s for ${what}: ${inspect(value)}, not ${
        inspect(expected)
      }`,
    );
    await pause(10);
  }
}

/** Waits until a statement on the tables of a schema waits for a lock. */
export async function statementWaits(
  watcher: SQLConnection<typeof SUITE_MODELS>,
  schema: string,
): Promise<void> {
  await until(`a statement on ${schema} that waits for a lock`, async () => {
    const [row] = await watcher.sql<{ waits: bigint }>`
      select count(*) as waits from pg_stat_activity
      where wait_event_type = 'Lock' and query like ${`%${schema}%`}`;
    return row?.waits !== 0n;
  });
}
