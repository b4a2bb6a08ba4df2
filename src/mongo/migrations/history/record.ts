import type { Document } from "mongodb";
import { z } from "zod";
import type { HistoryRecord } from "../../../engine/migrations/mod.ts";
import { FORMER, HISTORY, unread } from "../../../migrations/history/record.ts";

const whole = z.coerce.number().int();
const text = z.string().nullish().transform((value) => value ?? undefined);

const Run = z.object({
  kind: z.enum(["migrate", "baseline"]),
  state: z.enum(["running", "applied", "failed", "reverted"]),
  direction: z.enum(["up", "down"]),
  stepsTotal: whole,
  stepsDone: whole,
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
});

/** The fields that say of a run what it came to. */
const RUN_FIELDS: readonly string[] = Object.keys(Run.shape);

const Read = Run.extend({
  _id: z.string(),
  upChecksum: z.string(),
  downChecksum: text,
  downText: text,
  stepHashes: z.array(z.string()),
  fingerprint: text,
  managed: z.array(z.string()),
  // A document of an earlier version has none.
  former: z.array(Run).default([]),
  format: whole,
});

/** A record as it is written; the runs before it are kept where it is. */
export type Written = Omit<HistoryRecord, "former">;

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
export function documentOf({ id, ...record }: Written): Document {
  return {
    _id: id,
    ...Object.fromEntries(
      Object.entries(record).map(([key, value]) => [key, value ?? null]),
    ),
  };
}

/** The former runs of a document that a record takes the place of, as an expression: the one that it replaces is among them, where it is another. */
export function formerOf({ startedAt }: Written): Document {
  const former = { $ifNull: ["$former", []] };
  const replaced = Object.fromEntries(
    RUN_FIELDS.map((name) => [name, `$${name}`]),
  );
  return {
    $cond: [
      { $eq: [{ $ifNull: ["$startedAt", startedAt] }, startedAt] },
      former,
      { $slice: [{ $concatArrays: [former, [replaced]] }, -FORMER] },
    ],
  };
}
