import type { Document } from "mongodb";
import { z } from "zod";
import { MigrationError } from "../../errors.ts";
import type { HistoryRecord } from "../../migration.ts";
import { HISTORY } from "../schema/own.ts";

/** The version of the history that this package writes. */
export const FORMAT = 1;

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

/** What a record of any newer format has. */
const Newer = z.object({ _id: z.string(), format: whole.min(FORMAT + 1) });

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
  const newer = Newer.safeParse(document).data;
  if (newer !== undefined) return newerRecord(newer._id, newer.format);
  throw new MigrationError(
    `The history ${HISTORY} cannot be read: ${
      error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)
        .join("; ")
    }`,
    { exitCode: 4 },
  );
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

/** Enough of it to be refused by its format. */
function newerRecord(id: string, format: number): HistoryRecord {
  return {
    id,
    format,
    kind: "migrate",
    state: "running",
    direction: "up",
    upChecksum: "",
    downChecksum: undefined,
    downText: undefined,
    stepsTotal: 0,
    stepsDone: 0,
    stepHashes: [],
    fingerprint: undefined,
    managed: [],
    error: undefined,
    code: undefined,
    startedAt: new Date(0),
    finishedAt: undefined,
    milliseconds: undefined,
    user: "",
    host: "",
    toolVersion: "",
    serverVersion: "",
  };
}
