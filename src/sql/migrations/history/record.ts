import { z } from "zod";
import type {
  HistoryRecord,
  MigrationRun,
} from "../../../engine/migrations/mod.ts";
import { HISTORY, unread } from "../../../migrations/history/record.ts";

/** A run as the table has it. */
const Run = z.object({
  kind: z.enum(["migrate", "baseline"]),
  state: z.enum(["running", "applied", "failed", "reverted"]),
  direction: z.enum(["up", "down"]),
  steps_total: z.int(),
  steps_done: z.int(),
  error: z.string().nullable(),
  code: z.string().nullable(),
  started_at: z.coerce.date(),
  finished_at: z.coerce.date().nullable(),
  milliseconds: z.number().nullable(),
  db_user: z.string(),
  host: z.string(),
  tool_version: z.string(),
  server_version: z.string(),
});

/** The columns that say of a run what it came to. */
export const RUN_COLUMNS: readonly string[] = Object.keys(Run.shape);

/** A record as the table has it; of a newer format only what every format has. */
const Read = Run.extend({
  id: z.string(),
  up_checksum: z.string(),
  down_checksum: z.string().nullable(),
  down_text: z.string().nullable(),
  step_hashes: z.array(z.string()),
  fingerprint: z.string().nullable(),
  managed: z.array(z.string()),
  // A table of an earlier version has none, until something is recorded.
  former: z.array(Run).default([]),
  format: z.int(),
});

/** What the session says of a record itself: who wrote it, and on what. */
export type Written = Omit<
  HistoryRecord,
  "user" | "serverVersion" | "former"
>;

/** The columns of a record that do not come from the server. */
export function rowOf(record: Written): Record<string, string | number | null> {
  return {
    id: record.id,
    kind: record.kind,
    state: record.state,
    direction: record.direction,
    up_checksum: record.upChecksum,
    down_checksum: record.downChecksum ?? null,
    down_text: record.downText ?? null,
    steps_total: record.stepsTotal,
    steps_done: record.stepsDone,
    step_hashes: JSON.stringify(record.stepHashes),
    fingerprint: record.fingerprint ?? null,
    managed: JSON.stringify(record.managed),
    error: record.error ?? null,
    code: record.code ?? null,
    started_at: record.startedAt.toISOString(),
    finished_at: record.finishedAt?.toISOString() ?? null,
    milliseconds: record.milliseconds ?? null,
    host: record.host,
    tool_version: record.toolVersion,
    format: record.format,
  };
}

/**
 * A record from the table's row as JSON.
 *
 * @throws {MigrationError} with exit code 4 where it is none
 */
export function recordOf(json: unknown): HistoryRecord {
  const { data: row, error } = Read.safeParse(json);
  if (row === undefined) {
    return unread(HISTORY, Named.parse(json), error.issues);
  }
  return {
    id: row.id,
    ...runOf(row),
    upChecksum: row.up_checksum,
    downChecksum: row.down_checksum ?? undefined,
    downText: row.down_text ?? undefined,
    stepHashes: row.step_hashes,
    fingerprint: row.fingerprint ?? undefined,
    managed: row.managed,
    former: row.former.map(runOf),
    format: row.format,
  };
}

function runOf(row: z.infer<typeof Run>): MigrationRun {
  return {
    kind: row.kind,
    state: row.state,
    direction: row.direction,
    stepsTotal: row.steps_total,
    stepsDone: row.steps_done,
    error: row.error ?? undefined,
    code: row.code ?? undefined,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    milliseconds: row.milliseconds ?? undefined,
    user: row.db_user,
    host: row.host,
    toolVersion: row.tool_version,
    serverVersion: row.server_version,
  };
}

/** What names a record that cannot be read. */
const Named = z.object({ id: z.unknown(), format: z.unknown() });
