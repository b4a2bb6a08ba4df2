import {
  RUN_FIELDS,
  storedFields,
  type WrittenRecord,
} from "../../../migrations/history/stored_record.ts";

/** The columns of the history and their types. `begun` stores the hash of a started step without a transaction, `former` the runs before the last. */
export const COLUMNS = {
  id: "text primary key",
  kind: "text not null",
  state: "text not null",
  direction: "text not null",
  up_checksum: "text not null",
  down_checksum: "text",
  down_text: "text",
  steps_total: "integer not null",
  steps_done: "integer not null",
  step_hashes: "jsonb not null",
  fingerprint: "text",
  managed: "jsonb not null",
  error: "text",
  code: "text",
  started_at: "timestamptz not null",
  finished_at: "timestamptz",
  milliseconds: "double precision",
  db_user: "text not null",
  host: "text not null",
  tool_version: "text not null",
  server_version: "text not null",
  format: "integer not null",
  begun: "text",
  former: "jsonb not null default '[]'",
} as const;

/** Columns that a history of any version has. */
export const LASTING_COLUMNS: readonly string[] = [
  ...["id", "state", "started_at", "format"],
];

/** The columns that describe one run. */
export const RUN_COLUMNS: readonly string[] = RUN_FIELDS.map(columnOf);

/** Columns whose values the server computes, with the expressions. */
export const COMPUTED: Readonly<Record<string, string>> = {
  db_user: "current_user",
  server_version: "current_setting('server_version')",
};

/** A record without the values that the server computes. */
export type SentRecord = Omit<WrittenRecord, "user" | "serverVersion">;

/** Returns the column of a field: `startedAt` -> `started_at`. */
export function columnOf(field: string): string {
  return field === "user"
    ? "db_user"
    : field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Returns the columns of a record that are sent to the server, with their values as text. */
export function columnValues(
  record: SentRecord,
): ReadonlyMap<string, string | null> {
  const written = { ...record, user: "", serverVersion: "" };
  return new Map(
    storedFields(written, columnOf)
      .filter(([name]) => !Object.hasOwn(COMPUTED, name))
      .map(([name, value]) => [name, value === null ? null : textOf(value)]),
  );
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
