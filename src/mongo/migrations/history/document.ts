import type { Document } from "mongodb";
import type { HistoryRecord } from "../../../engine/migrations/mod.ts";
import { isUnfinished } from "../../../migrations/history/history.ts";
import { FORMER } from "../../../migrations/history/record.ts";
import {
  readRecord,
  RUN_FIELDS,
  storedFields,
  type WrittenRecord,
} from "../../../migrations/history/stored_record.ts";

/**
 * Returns the record that a document stores.
 *
 * @throws {MigrationError} with exit code 4 if a value is invalid
 */
export function recordOf(document: Document): HistoryRecord {
  const record = readRecord(document, fieldOf);
  return isUnfinished(record) && typeof document.begun === "string"
    ? { ...record, started: true }
    : record;
}

/** Returns the document that stores a record, without the former runs. */
export function documentOf(record: WrittenRecord): Document {
  return Object.fromEntries(storedFields(record, fieldOf));
}

/** Returns the expression for the former runs: those of the replaced document, and its own run if that is another one. */
export function formerRuns({ startedAt }: WrittenRecord): Document {
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

function fieldOf(name: string): string {
  return name === "id" ? "_id" : name;
}
