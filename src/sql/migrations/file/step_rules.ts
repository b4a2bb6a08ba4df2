import { fileError, type Position } from "../../../migrations/file/position.ts";
import type { StepOptions } from "../../../migrations/file/step_directive.ts";
import { concurrentIn } from "./concurrent_statements.ts";
import {
  hasWords,
  isNext,
  isSign,
  outermost,
  type Reader,
  rest,
  skip,
} from "./reader.ts";
import type { Statement } from "./split.ts";
import type { Token } from "./tokens.ts";

/** Beginnings of statements that control transactions, which is a task of the runner. */
const CONTROL = [
  "begin",
  "start transaction",
  "commit",
  "end",
  "rollback",
  "abort",
  "savepoint",
  "release",
  "prepare transaction",
  "set transaction",
  "set session characteristics",
];

/** Beginnings of statements whose effect outlives a step in its session. */
const SESSION = ["set", "reset", "discard", "listen", "unlisten"];

/** Beginnings of statements that cannot run in a transaction. */
const ALONE = [
  "vacuum",
  "create database",
  "drop database",
  "create tablespace",
  "drop tablespace",
  "alter system",
  "reindex database",
  "reindex system",
  "reindex schema",
  "create subscription",
  "drop subscription",
];

/** Beginnings of statements that change rows, and can run in a transaction. */
const ROWS = ["insert", "update", "delete", "merge", "truncate", "with"];

/** Spellings of false in SQL. */
const FALSE = ["false", "'false'", "'f'", "'off'", "'no'", "'n'", "'0'"];

const REPEATED = ["insert", "update", "delete", "merge", "with"];

/**
 * Refuses a step whose statements it cannot contain.
 *
 * @param position of the step
 * @throws {MigrationError} with exit code 4, naming the line
 */
export function refuseStep(
  options: StepOptions,
  statements: readonly Statement[],
  { file, line }: Position,
): void {
  if (statements.length === 0) {
    throw fileError({ file, line }, "dbp:step must be followed by a statement");
  }
  for (const statement of statements) {
    const problem = problemOf(statement, options);
    if (problem !== undefined) {
      throw fileError({ file, line: statement.line }, problem);
    }
  }
  const second = statements[1];
  if (second === undefined || (options.transaction && !options.repeat)) return;
  throw fileError(
    { file, line: second.line },
    `a step with ${
      options.repeat ? "repeat" : "tx=none"
    } can contain only one statement; begin another step before this one`,
  );
}

function problemOf(
  statement: Statement,
  { transaction, repeat }: StepOptions,
): string | undefined {
  const reader = { tokens: statement.tokens, at: 0 };
  const control = beginning(reader, CONTROL);
  if (control !== undefined) {
    return `${control} is not allowed in a file: each step is a transaction, and dbp:step begins the next one`;
  }
  const session = beginning(reader, SESSION);
  if (session !== undefined && !isLocal(statement)) {
    return session === "SET"
      ? "the effect of SET outlives the step; write SET LOCAL"
      : `the effect of ${session} outlives the step`;
  }
  if (outlives(reader.tokens)) {
    return "the effect of set_config(…, false) outlives the step; write set_config(…, true)";
  }
  const rows = beginning(reader, ROWS);
  if (rows !== undefined && !transaction) {
    return `${rows} in a step with tx=none could run twice, because a run may end before it records the step; remove tx=none, or write -- dbp:step repeat to change rows in batches`;
  }
  const alone = aloneIn(statement);
  if (alone !== undefined && transaction) {
    return `${alone} cannot run in a transaction; write -- dbp:step tx=none before it`;
  }
  const concurrent = concurrentIn({ ...reader });
  if (concurrent?.kind === "create-index" && concurrent.index === undefined) {
    return "CREATE INDEX CONCURRENTLY requires a name, so that the index of an interrupted run can be found";
  }
  return repeat ? repeatProblem(statement) : undefined;
}

function isLocal({ tokens }: Statement): boolean {
  const reader = { tokens, at: 0 };
  return skip(reader, "set", "local") || skip(reader, "set", "constraints");
}

/** Returns whether a call of `set_config` sets something for the whole session. */
function outlives(tokens: readonly Token[]): boolean {
  /** The open parentheses. */
  const open: { isCall: boolean; comma: number; last: string }[] = [];
  for (const [index, token] of tokens.entries()) {
    if (isSign(token, ")")) {
      const closed = open.pop();
      if (closed?.isCall && closed.comma >= 2 && FALSE.includes(closed.last)) {
        return true;
      }
    }
    const group = open.at(-1);
    if (group !== undefined) {
      if (isSign(token, ",")) group.comma++;
      else if (group.comma === 2) group.last = token.value;
    }
    if (isSign(token, "(")) {
      const isCall = isNext({ tokens, at: index - 1 }, "set_config", "(");
      open.push({ isCall, comma: 0, last: "" });
    }
  }
  return false;
}

/** Returns the part of a statement that cannot run in a transaction. */
function aloneIn({ tokens }: Statement): string | undefined {
  const known = beginning({ tokens, at: 0 }, ALONE);
  if (known !== undefined) return known;
  if (tokens.length === 1 && tokens[0]?.value === "cluster") return "CLUSTER";
  switch (concurrentIn({ tokens, at: 0 })?.kind) {
    case "create-index":
      return "CREATE INDEX CONCURRENTLY";
    case "drop-index":
      return "DROP INDEX CONCURRENTLY";
    case "reindex":
      return "REINDEX CONCURRENTLY";
    case "detach-partition":
      return "DETACH PARTITION … CONCURRENTLY";
    case undefined:
      return undefined;
  }
}

function repeatProblem(statement: Statement): string | undefined {
  const reader: Reader = { tokens: statement.tokens, at: 0 };
  const first = REPEATED.find((word) => skip(reader, word));
  if (first === undefined) {
    return "repeat requires an INSERT, UPDATE, DELETE or MERGE, which it runs until it changes no row";
  }
  // An INSERT may end with ON CONFLICT DO NOTHING; other statements may end in ways that this check cannot see.
  const endless = first === "update" &&
    !hasWords(outermost(rest(reader)), "where");
  return endless
    ? "an UPDATE without WHERE changes rows every time, so repeat would never end"
    : undefined;
}

function beginning(
  reader: Reader,
  beginnings: readonly string[],
): string | undefined {
  return beginnings.find((words) => skip({ ...reader }, ...words.split(" ")))
    ?.toUpperCase();
}
