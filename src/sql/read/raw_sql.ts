import { QueryError } from "../../base/errors/mod.ts";
import type { RawSql } from "../link/link.ts";
import {
  isOneStatement,
  skipSpace,
  visibleText,
} from "../link/statement_text.ts";

const BEGINS = /^(?:begin|start)$/;
const ENDS = /^(?:commit|rollback|end|abort)$/;
/** What has another meaning than its first word: a savepoint, and a transaction in two phases. */
const NO_END =
  /^(?:rollback\s+(?:work\s+|transaction\s+)?to|\w+\s+prepared)\b/i;
const TWO_PHASES = /^prepare\s+transaction\b/i;
/** Settings that end with the transaction. */
const LOCAL = /^set\s+(?:local|transaction|constraints)\b/i;
/** A lock that outlives the transaction. */
const SESSION_LOCK = /\bpg_(?:try_)?advisory_lock(?:_shared)?\s*\(/i;
/** A COPY whose rows the client sends or receives. */
const COPY_STREAM = /(?:^|;)\s*copy\b[^;]*\b(?:from\s+(stdin)|to\s+stdout)\b/i;
/** Functions and the schema whose effects may stay in a session. */
const STATE =
  /\b(?:pg_temp|set_config|pg_(?:try_)?advisory_lock(?:_shared)?)\b/i;
/** Statements whose effects stay in a session. */
const KEEPS = new Set(["prepare", "declare", "load"]);
/** Statements that may create a temporary table. Elsewhere, `temp` is a column. */
const CREATES = /^create\b|\binto\b/i;
const TEMPORARY = /\btemp(?:orary)?\b/i;
/** The words of such statements inside a script. */
const WORDS = /\b(?:set|prepare|declare|load|listen|temp|temporary)\b/i;

/**
 * Checks SQL that the caller wrote: it must not change the session for the
 * statements of other callers, or end the transaction of its function.
 *
 * @param isInside whether it runs in a transaction
 * @throws {QueryError} if it begins or ends a transaction, changes a setting of the session, listens, takes a lock of the session, copies rows from or to the client, or has a NUL
 */
export function rawSql(text: string, isInside: boolean): RawSql {
  if (text.includes("\0")) {
    throw new QueryError(
      "Cannot run the SQL: it has a NUL, which ends a text in PostgreSQL. Nothing was sent",
    );
  }
  const start = text.slice(skipSpace(text, 0, ";"));
  const word = /^[a-z]+/i.exec(start)?.[0].toLowerCase() ?? "";
  const isScript = !isOneStatement(start);
  const leavesState = STATE.test(text) || KEEPS.has(word) ||
    (CREATES.test(start) && TEMPORARY.test(start)) ||
    ((isScript || word === "do") && WORDS.test(text));
  const problem = copyProblem(start) ??
    (isScript ? undefined : problemOf(word, start, isInside));
  if (problem !== undefined) {
    throw new QueryError(`${problem}. Nothing was sent`);
  }
  return { isScript, leavesState };
}

const TRANSACTION = "Use db.transaction(), or db.kysely.transaction() for SQL";

function problemOf(
  word: string,
  text: string,
  isInside: boolean,
): string | undefined {
  const command = `Cannot run ${word.toUpperCase()} as SQL`;
  if (BEGINS.test(word)) {
    return isInside
      ? `${command}: the transaction is already open`
      : `${command}: the next statement may use another connection. ${TRANSACTION}`;
  }
  if ((ENDS.test(word) && !NO_END.test(text)) || TWO_PHASES.test(text)) {
    return isInside
      ? `${command}: a transaction ends with its function. Return from the function to commit, or throw an error to roll back`
      : `${command}: its connection has no transaction. ${TRANSACTION}`;
  }
  if (word === "set" && !(isInside && LOCAL.test(text))) {
    return `${command}: the setting would stay on one connection, for the statements of other callers. Use SET LOCAL in db.kysely.transaction(), or change the setting of the role: ALTER ROLE … SET`;
  }
  if (word === "listen") {
    return `${command}: the connections of the pool pass no notifications on. Use a client of your own`;
  }
  if (!isInside && word !== "create" && takesSessionLock(word, text)) {
    return "Cannot take a lock of the session: the next statement may use another connection. Use pg_advisory_xact_lock in db.kysely.transaction()";
  }
  return undefined;
}

/** Whether a statement takes a lock of the session. The body of DO is a literal. */
function takesSessionLock(word: string, text: string): boolean {
  return SESSION_LOCK.test(text) &&
    (word === "do" || SESSION_LOCK.test(visibleText(text)));
}

/** PGlite would wait for the rows forever, and PostgreSQL would send them to nobody. */
function copyProblem(text: string): string | undefined {
  if (!/\bcopy\b/i.test(text)) return undefined;
  const [found, input] = COPY_STREAM.exec(visibleText(text)) ?? [];
  if (found === undefined) return undefined;
  return input === undefined
    ? "Cannot run COPY … TO STDOUT as SQL: nothing receives its rows. Use exportRows(), or select the rows"
    : "Cannot run COPY … FROM STDIN as SQL: nothing sends its rows. Use load(), or bulkInsert() of a query";
}
