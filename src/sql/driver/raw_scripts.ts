import { QueryError } from "../../base/errors/mod.ts";

/** Returns the error of SQL that left a transaction open, which ends with its connection. */
export function leftOpen(): QueryError {
  return new QueryError(
    "Cannot leave a transaction open: the next statement may use another connection. The open transaction was rolled back. Use db.transaction(), or db.kysely.transaction() for SQL",
  );
}

/**
 * Whether SQL ended the transaction that it ran in, although another one may be
 * open now. A rollback to a savepoint has the tag of a rollback.
 *
 * @param tags the tags of its commands
 */
export function hasEnded(text: string, tags: readonly string[]): boolean {
  return tags.includes("COMMIT") || tags.includes("PREPARE TRANSACTION") ||
    (tags.includes("ROLLBACK") &&
      (/\bchain\b/i.test(text) ||
        tags.some((tag) => tag === "BEGIN" || tag === "START TRANSACTION")));
}

/** Whether SQL that failed may have ended the transaction before. */
export function mayEnd(text: string): boolean {
  return /\b(?:commit|end|rollback|abort|prepare)\b/i.test(text);
}

/** Returns the error of SQL that ended the transaction that it ran in, or may have. */
export function endedBySql(cause?: unknown): QueryError {
  return new QueryError(
    "Cannot end a transaction by SQL: it ends with its function. Statements of this transaction may be committed or rolled back: check the data before you repeat it",
    cause === undefined ? {} : { cause },
  );
}
