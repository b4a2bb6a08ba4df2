import { z } from "../../base/zod.ts";
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../engine/migrations/mod.ts";
import { FORMAT, HISTORY } from "./record.ts";

/** Returns the name under which an engine stores a field of a record: `startedAt` -> `started_at`. */
type StoredName = (field: string) => string;

/** A record without its former runs, which the engine keeps when it writes. */
export type WrittenRecord = Omit<HistoryRecord, "former" | "started">;

const text = optional(z.string());
const whole = z.preprocess(
  (value) => typeof value === "bigint" ? Number(value) : value,
  z.int(),
);
const time = z.preprocess(
  (value) => typeof value === "string" ? new Date(value) : value,
  z.date(),
);

const Run = z.object({
  kind: z.enum(["migrate", "baseline"]),
  state: z.enum(["running", "applied", "failed", "reverted"]),
  direction: z.enum(["up", "down"]),
  stepsTotal: whole,
  stepsDone: whole,
  error: text,
  code: text,
  startedAt: time,
  finishedAt: optional(time),
  milliseconds: optional(z.coerce.number()),
  user: z.string(),
  host: z.string(),
  toolVersion: z.string(),
  serverVersion: z.string(),
});

const Written = z.object({
  id: z.string(),
  ...Run.shape,
  upChecksum: z.string(),
  downChecksum: text,
  downText: text,
  stepHashes: z.array(z.string()),
  fingerprint: text,
  managed: z.array(z.string()),
  format: whole,
});

// A record of an earlier version has no former runs.
const Stored = Written.extend({ former: z.array(Run).default([]) });

/** The fields that describe one run. */
export const RUN_FIELDS: readonly string[] = Object.keys(Run.shape);

const WRITTEN_FIELDS = Written.keyof().options;

/** What a record of any newer format has. */
const Newer = z.object({
  id: z.string(),
  format: z.coerce.number().int().min(FORMAT + 1),
  toolVersion: z.string().default(""),
});

/**
 * Returns a record from the values that an engine stored.
 *
 * @throws {MigrationError} with exit code 4 if a value is invalid
 */
export function readRecord(stored: object, nameOf: StoredName): HistoryRecord {
  const fields = (row: unknown, names: readonly string[]): unknown =>
    typeof row === "object" && row !== null
      ? Object.fromEntries(
        names.map((name) => [name, Reflect.get(row, nameOf(name))]),
      )
      : row;
  const former: unknown = Reflect.get(stored, "former");
  const record = {
    ...Object(fields(stored, WRITTEN_FIELDS)),
    former: Array.isArray(former)
      ? former.map((run) => fields(run, RUN_FIELDS))
      : former,
  };
  const { data, error } = Stored.safeParse(record);
  if (data !== undefined) return data;
  const newer = Newer.safeParse(record).data;
  if (newer !== undefined) throw newerFormatError(newer);
  const problems = error.issues.map(({ path, message }) =>
    `${path.map((part) => nameOf(String(part))).join(".")}: ${message}`
  );
  throw new MigrationError(
    `Cannot read the history ${HISTORY}${
      typeof record.id === "string" ? `, record ${record.id}` : ""
    }: ${
      problems.join("; ")
    }. dbp did not write this record. Correct it manually`,
    { exitCode: EXIT.invalid },
  );
}

/** Returns the error for a record of a newer format. */
export function newerFormatError(
  { id, format, toolVersion }: Pick<
    HistoryRecord,
    "id" | "format" | "toolVersion"
  >,
): MigrationError {
  return new MigrationError(
    `Cannot read the history: ${id} is stored in format ${format}${
      toolVersion ? ` by version ${toolVersion}` : ""
    }, newer than this version of dbp supports (format ${FORMAT}). Use a later version`,
    { exitCode: EXIT.invalid },
  );
}

/** Returns the fields of a record by their stored names, without the former runs. */
export function storedFields(
  record: WrittenRecord,
  nameOf: StoredName,
): [name: string, value: unknown][] {
  return WRITTEN_FIELDS.map((field) => [nameOf(field), record[field] ?? null]);
}

function optional<T extends z.ZodType>(
  type: T,
): z.ZodType<z.output<T> | undefined> {
  return type.nullish().transform((value) => value ?? undefined);
}
