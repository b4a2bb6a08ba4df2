import { fileError, type Place } from "../../../migrations/file/file_error.ts";
import type { StepOptions } from "../../../migrations/file/step_directive.ts";
import { concurrentIn } from "./concurrent_statements.ts";
import {
  commaParts,
  group,
  hasWords,
  outermost,
  type Reader,
  rest,
  takes,
} from "./reader.ts";
import type { Statement } from "./split.ts";
import type { Token } from "./tokens.ts";

/** Beginnings of statements that take a step's transaction out of the runner's hands. */
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

/** Beginnings of statements whose work outlives a step in its session. */
const SESSION = ["set", "reset", "discard", "listen", "unlisten"];

/** Beginnings of statements that no transaction can hold. */
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

/** Beginnings of statements that change rows, and need no step without a transaction. */
const ROWS = ["insert", "update", "delete", "merge", "truncate", "with"];

/** How SQL writes that something is not so. */
const FALSE = ["false", "'false'", "'f'", "'off'", "'no'", "'n'", "'0'"];

const REPEATED = ["insert", "update", "delete", "merge", "with"];

/**
 * Refuses what a step cannot hold.
 *
 * @param place where the step begins
 * @throws {MigrationError} with exit code 4, naming the line
 */
export function refuse(
  options: StepOptions,
  statements: readonly Statement[],
  { file, line }: Place,
): void {
  if (statements.length === 0) {
    throw fileError({ file, line }, "dbp:step has no statement after it");
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
    } holds one statement; begin another step before this one`,
  );
}

function problemOf(
  statement: Statement,
  { transaction, repeat }: StepOptions,
): string | undefined {
  const reader = { tokens: statement.tokens, at: 0 };
  const control = beginning(reader, CONTROL);
  if (control !== undefined) {
    return `${control} is not for files: each step is a transaction, and dbp:step begins the next one`;
  }
  const session = beginning(reader, SESSION);
  if (session !== undefined && !isLocal(statement)) {
    return session === "SET"
      ? "SET outlives the step; write SET LOCAL"
      : `${session} outlives the step`;
  }
  if (outlives(reader.tokens)) {
    return "set_config(…, false) outlives the step; write set_config(…, true)";
  }
  const rows = beginning(reader, ROWS);
  if (rows !== undefined && !transaction) {
    return `${rows} in a step with tx=none could be done twice, where a run ends before it is recorded; leave out tx=none, or write -- dbp:step repeat to change rows in parts`;
  }
  const alone = aloneIn(statement);
  if (alone !== undefined && transaction) {
    return `${alone} cannot run in a transaction; write -- dbp:step tx=none before it`;
  }
  const concurrent = concurrentIn({ ...reader });
  if (concurrent?.kind === "create-index" && concurrent.index === undefined) {
    return "CREATE INDEX CONCURRENTLY needs a name, so that what a broken run left can be found";
  }
  return repeat ? repeatProblem(statement) : undefined;
}

function isLocal({ tokens }: Statement): boolean {
  const reader = { tokens, at: 0 };
  return takes(reader, "set", "local") || takes(reader, "set", "constraints");
}

/** Whether a call of `set_config` sets something for the whole session. */
function outlives(tokens: readonly Token[]): boolean {
  return tokens.some((_, at) => {
    const reader = { tokens, at };
    if (!takes(reader, "set_config")) return false;
    return FALSE.includes(commaParts(group(reader))[2]?.at(-1)?.value ?? "");
  });
}

/** What of a statement no transaction can hold, in words. */
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
  const first = REPEATED.find((word) => takes(reader, word));
  if (first === undefined) {
    return "repeat runs an INSERT, UPDATE, DELETE or MERGE until it changes no row; this is none of them";
  }
  // An INSERT may end by ON CONFLICT DO NOTHING, and others in ways that are not seen here.
  const endless = first === "update" &&
    !hasWords(outermost(rest(reader)), "where");
  return endless
    ? "an UPDATE without WHERE always changes rows, so that repeat never ends"
    : undefined;
}

function beginning(
  reader: Reader,
  beginnings: readonly string[],
): string | undefined {
  return beginnings.find((words) => takes({ ...reader }, ...words.split(" ")))
    ?.toUpperCase();
}
