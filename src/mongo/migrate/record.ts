import type { Document } from "mongodb";
import { z } from "zod";
import type { HistoryRecord } from "../../migration.ts";
import { HISTORY, unread } from "../../migration_record.ts";

const whole = z.coerce.number().int();
const text = z.string().nullish().transform((value) => value ?? undefined);

const Read = z.object({
  _id: z.string(),
  kind: z.enum(["migrate", "baseline"]),
  state: z.enum(["running", "applied", "failed", "reverted"]),
  direction: z.enum(["up", "down"]),
  upChecksum: z.string(),
  downChecksum: text,
  downText: text,
  stepsTotal: whole,
  stepsDone: whole,
  stepHashes: z.array(z.string()),
  fingerprint: text,
  managed: z.array(z.string()),
  error: text,
  code: text,
  startedAt: z.date(),
  finishedAt: z.date().nullish().transform((value) => value ?? undefined),
  milliseconds: z.coerce.number().nullish().transform((value) =>
    value ?? undefined
  ),
  user: z.string(),
  host: z.string(),
  toolVersion: z.string(),
  serverVersion: z.string(),
  format: whole,
});

/**
 * A record out of its document.
 *
 * @throws {MigrationError} with exit code 4 where it cannot be read
 */
export function recordOf(document: Document): HistoryRecord {
  const { data, error } = Read.safeParse(document);
  if (data !== undefined) {
    const { _id: id, ...rest } = data;
    return { id, ...rest };
  }
  const { _id: id, format } = document;
  return unread(HISTORY, { id, format }, error.issues);
}

/** A record's document. */
export function documentOf({ id, ...record }: HistoryRecord): Document {
  return {
    _id: id,
    ...Object.fromEntries(
      Object.entries(record).map(([key, value]) => [key, value ?? null]),
    ),
  };
}
