import {
  DbPluginsError,
  recordedOutcome,
  withOutcome,
} from "../../base/errors/mod.ts";
import { isDuplicateKey } from "../link/duplicate_key.ts";
import type { Command } from "../link/link.ts";
import { countIn, isMongoError, writeErrorsOf } from "../link/mongo_error.ts";
import { isUnanswered } from "./errors.ts";

/** Commands that change nothing. */
const READS: ReadonlySet<string> = new Set(["find", "count", "aggregate"]);

/**
 * Records the outcome of a failed command outside a transaction.
 *
 * @param wasSent whether the driver may have sent it
 */
export function recordOutcome(
  error: unknown,
  { name }: Command,
  wasSent: boolean,
): void {
  if (error instanceof DbPluginsError) return;
  const isKnown = !wasSent || READS.has(name) ||
    (error instanceof Error && isMongoError(error) && !isUnanswered(error));
  withOutcome(error, isKnown ? "not applied" : "unknown");
}

/** What an error says about the operations of one bulk write, by index. */
interface OperationOutcomes {
  /** Operations that the server carried out. */
  readonly written: readonly number[];
  /** Operations that it did not carry out. */
  readonly unwritten: readonly number[];
  /** Operations whose outcome is unknown. */
  readonly unknown: readonly number[];
  /** Operations that it refused because a unique key already exists. */
  readonly duplicate: readonly number[];
}

/**
 * The outcome of `count` operations that failed with an error.
 *
 * @param ordered whether the server stops at the first refused operation
 */
export function writeOutcome(
  error: unknown,
  count: number,
  ordered: boolean,
): OperationOutcomes {
  const all = Array.from({ length: count }, (_, index) => index);
  const none = { written: [], unwritten: [], unknown: [], duplicate: [] };
  const cause = error instanceof DbPluginsError ? error.cause : error;
  // Another error means that the operations never reached the driver.
  if (!(cause instanceof Error) || !isMongoError(cause)) {
    return { ...none, unwritten: all };
  }
  const refused = new Map(
    writeErrorsOf(cause).map(({ index, code }) => [Number(index), code]),
  );
  if (refused.size > 0) {
    const end = ordered
      ? refused.keys().reduce((end, index) => Math.min(end, index), count)
      : count;
    return {
      ...none,
      written: all.filter((index) => index < end && !refused.has(index)),
      unwritten: all.filter((index) =>
        (index >= end || refused.has(index)) &&
        !isDuplicateKey(refused.get(index))
      ),
      duplicate: all.filter((index) => isDuplicateKey(refused.get(index))),
    };
  }
  const written = countIn(cause, "insertedCount") +
    countIn(cause, "upsertedCount") + countIn(cause, "modifiedCount");
  // A document that was written, but not on as many members as the write concern requires.
  const isWritten = written > 0 || cause.name === "MongoWriteConcernError";
  return isWritten ||
      (isUnanswered(cause) && recordedOutcome(error) !== "not applied")
    ? { ...none, unknown: all }
    : { ...none, unwritten: all };
}
