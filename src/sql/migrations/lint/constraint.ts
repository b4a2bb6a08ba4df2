import {
  group,
  hasWords,
  identifier,
  identifierOf,
  isNext,
  isSign,
  outermost,
  type Reader,
  rest,
  skip,
} from "../file/reader.ts";
import type { Token } from "../file/tokens.ts";
import { type Context, type Finding, finding } from "./context.ts";

const LATER = "Add it NOT VALID, and VALIDATE CONSTRAINT in a step of its own";

/** Returns the problems of an added constraint; undefined if a column is added instead. */
export function addConstraint(
  reader: Reader,
  table: string,
  context: Context,
): readonly Finding[] | undefined {
  const start = { ...reader };
  const constraint = skip(reader, "constraint")
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

/** Returns undefined if no constraint is added, and an empty string if the constraint is safe. */
function problemOf(
  reader: Reader,
  table: string,
  { seen }: Context,
  key: string,
): Problem | "" | undefined {
  const outer = outermost(rest(reader));
  const later = hasWords(outer, "not", "valid") ||
    hasWords(outer, "not", "enforced");
  if (skip(reader, "check")) {
    const column = notNullColumn(group(reader));
    if (column !== undefined) seen.checks.set(key, column);
    if (later) seen.pending.add(key);
    return later ? "" : ["add-check-valid", validProblem("CHECK", table)];
  }
  if (skip(reader, "not", "null")) {
    if (later) seen.pending.add(key);
    return later ? "" : ["set-not-null", validProblem("NOT NULL", table)];
  }
  if (skip(reader, "foreign", "key")) {
    if (later) seen.pending.add(key);
    return later ? "" : [
      "add-foreign-key-valid",
      referenceProblem("FOREIGN KEY", table),
    ];
  }
  const unique = isNext(reader, "unique");
  if (unique || isNext(reader, "primary", "key")) {
    if (hasWords(outer, "using", "index")) return "";
    return unique
      ? ["add-unique", indexProblem("UNIQUE", table)]
      : ["add-primary-key", indexProblem("PRIMARY KEY", table)];
  }
  if (isNext(reader, "exclude", "using") || isNext(reader, "exclude", "(")) {
    return [
      "exclusion-constraint",
      `EXCLUDE builds its index while it blocks all reads and writes of ${table}, and PostgreSQL offers no other way. To accept that, write -- dbp:ignore exclusion-constraint <why>`,
    ];
  }
  return undefined;
}

/** Checks `VALIDATE CONSTRAINT`, which needs a step of its own. */
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
      `${constraint} is validated in the transaction that adds it, which locks ${table} for the whole scan. Write -- dbp:step before VALIDATE`,
    );
  }
  seen.proven.add(`${table}.${seen.checks.get(key) ?? "*"}`);
}

/** Describes a constraint that scans the whole table. */
export function validProblem(what: string, table: string): string {
  return `${what} scans all of ${table} and blocks all reads and writes meanwhile. ${LATER}`;
}

/** Describes a constraint that refers to another table. */
export function referenceProblem(what: string, table: string): string {
  return `${what} scans all of ${table} and blocks writes to it and to the referenced table meanwhile. ${LATER}`;
}

/** Describes a constraint that builds an index. */
export function indexProblem(what: string, table: string): string {
  return `${what} builds its index while it blocks all reads and writes of ${table}. First CREATE UNIQUE INDEX CONCURRENTLY in a step with tx=none, then ADD CONSTRAINT … ${what} USING INDEX`;
}

/** Returns the column of `c IS NOT NULL`, with or without parentheses. */
function notNullColumn(condition: readonly Token[]): string | undefined {
  const [first, ...others] = condition.filter((token) =>
    !isSign(token, "(") && !isSign(token, ")")
  );
  return first !== undefined && others.length === 3 &&
      hasWords(others, "is", "not", "null")
    ? identifierOf(first)
    : undefined;
}
