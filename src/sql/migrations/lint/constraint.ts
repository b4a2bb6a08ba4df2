import {
  group,
  hasWords,
  identifier,
  identifierOf,
  isSign,
  outermost,
  type Reader,
  rest,
  sees,
  takes,
} from "../file/reader.ts";
import type { Token } from "../file/tokens.ts";
import { type Context, type Finding, finding } from "./context.ts";

const LATER = "add it NOT VALID, and VALIDATE CONSTRAINT in a step of its own";

/** What is wrong with a constraint that is added; undefined where it is a column that is. */
export function addConstraint(
  reader: Reader,
  table: string,
  context: Context,
): readonly Finding[] | undefined {
  const start = { ...reader };
  const constraint = takes(reader, "constraint")
    ? identifier(reader)
    : undefined;
  const problem = problemOf(reader, table, context, `${table}#${constraint}`);
  if (problem === undefined) return constraint === undefined ? undefined : [];
  return problem === "" ? [] : [finding(start, ...problem)];
}

type Problem = readonly [
  | "add-check-valid"
  | "add-foreign-key-valid"
  | "add-primary-key"
  | "add-unique"
  | "exclusion-constraint"
  | "set-not-null",
  string,
];

/** Undefined where it is no constraint, empty where it is a good one. */
function problemOf(
  reader: Reader,
  table: string,
  { seen }: Context,
  key: string,
): Problem | "" | undefined {
  const outer = outermost(rest(reader));
  const later = hasWords(outer, "not", "valid") ||
    hasWords(outer, "not", "enforced");
  if (takes(reader, "check")) {
    const column = neverNull(group(reader));
    if (column !== undefined) seen.checks.set(key, column);
    if (later) seen.pending.add(key);
    return later ? "" : ["add-check-valid", validProblem("CHECK", table)];
  }
  if (takes(reader, "not", "null")) {
    if (later) seen.pending.add(key);
    return later ? "" : ["set-not-null", validProblem("NOT NULL", table)];
  }
  if (takes(reader, "foreign", "key")) {
    if (later) seen.pending.add(key);
    return later ? "" : [
      "add-foreign-key-valid",
      referenceProblem("FOREIGN KEY", table),
    ];
  }
  const unique = sees(reader, "unique");
  if (unique || sees(reader, "primary", "key")) {
    if (hasWords(outer, "using", "index")) return "";
    return unique
      ? ["add-unique", indexProblem("UNIQUE", table)]
      : ["add-primary-key", indexProblem("PRIMARY KEY", table)];
  }
  if (sees(reader, "exclude", "using") || sees(reader, "exclude", "(")) {
    return [
      "exclusion-constraint",
      `EXCLUDE builds its index while nobody else can use ${table}, and there is no other way; say dbp:ignore exclusion-constraint <why>`,
    ];
  }
  return undefined;
}

/** `VALIDATE CONSTRAINT`, which wants a step of its own. */
export function* validateConstraint(
  reader: Reader,
  table: string,
  { seen }: Context,
): Generator<Finding> {
  const at = { ...reader };
  const constraint = identifier(reader);
  const key = `${table}#${constraint}`;
  if (seen.pending.has(key)) {
    yield finding(
      at,
      "validate-in-same-step",
      `${constraint} is validated in the transaction that adds it, which keeps ${table} locked for the whole scan; write -- dbp:step before VALIDATE`,
    );
  }
  seen.proven.add(`${table}.${seen.checks.get(key) ?? "*"}`);
}

/** What is to be said of a constraint that reads the whole table. */
export function validProblem(what: string, table: string): string {
  return `${what} reads all of ${table} while nobody else can use it; ${LATER}`;
}

/** What is to be said of one that reads another table too. */
export function referenceProblem(what: string, table: string): string {
  return `${what} reads all of ${table} while it stops writes of it and of the table it refers to; ${LATER}`;
}

/** What is to be said of a constraint that builds an index. */
export function indexProblem(what: string, table: string): string {
  return `${what} builds its index while nobody else can use ${table}; CREATE UNIQUE INDEX CONCURRENTLY in a step with tx=none, then ADD CONSTRAINT … ${what} USING INDEX`;
}

/** The column of `c IS NOT NULL`, in whatever parentheses. */
function neverNull(condition: readonly Token[]): string | undefined {
  const [first, ...others] = condition.filter((token) =>
    !isSign(token, "(") && !isSign(token, ")")
  );
  return first !== undefined && others.length === 3 &&
      hasWords(others, "is", "not", "null")
    ? identifierOf(first)
    : undefined;
}
