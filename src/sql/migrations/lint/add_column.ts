import {
  hasWords,
  identifier,
  isSign,
  outermost,
  type Reader,
  rest,
  skip,
} from "../file/reader.ts";
import type { Token } from "../file/tokens.ts";
import { indexProblem, referenceProblem, validProblem } from "./constraint.ts";
import { type Finding, finding } from "./context.ts";
import { STABLE_FUNCTIONS, STABLE_WORDS } from "../file/stable_functions.ts";

const SERIAL = /^(?:small|big)?serial[248]?$/;

/** Words that end the expression after DEFAULT. */
const AFTER_DEFAULT = new Set([
  ...["check", "collate", "constraint", "deferrable", "generated", "initially"],
  ...["not", "null", "primary", "references", "unique"],
]);

/** Checks a column that is added to an existing table. */
export function* addColumn(reader: Reader, table: string): Generator<Finding> {
  skip(reader, "column");
  skip(reader, "if", "not", "exists");
  const at = { ...reader };
  const name = identifier(reader);
  if (name === undefined) return;
  const column = `${table}.${name}`;
  const definition = rest(reader);
  const outer = outermost(definition);
  const value = defaultIn(definition);
  const filled = fills(definition, outer);
  if (filled !== undefined) {
    yield finding(
      at,
      filled,
      `${
        FILLED[filled]
      } rewrites all of ${table} and blocks all reads and writes meanwhile. Add ${column} without values, fill it in batches (dbp:step repeat), then complete its definition`,
    );
  }
  if (
    (hasWords(outer, "not", "null") || hasWords(outer, "primary", "key")) &&
    value.length === 0 && filled === undefined
  ) {
    yield finding(
      at,
      "add-column-not-null",
      `NOT NULL fails if ${table} has rows, because they have no value for ${column}. Give it a DEFAULT; or add it without NOT NULL, fill it in batches (dbp:step repeat), and then SET NOT NULL`,
    );
  }
  const called = volatileFunction(value);
  if (called !== undefined) {
    yield finding(
      at,
      "add-column-volatile-default",
      `${called}() may return another value for each row, so the statement rewrites all of ${table} and blocks all reads and writes meanwhile. Add ${column} without DEFAULT, then SET DEFAULT, and fill it in batches (dbp:step repeat)`,
    );
  }
  yield* inlineConstraints(at, table, outer, value);
}

const FILLED = {
  "add-serial": "A serial column",
  "add-identity": "An identity column",
  "add-generated": "A stored generated column",
} as const;

function fills(
  definition: readonly Token[],
  outer: readonly Token[],
): keyof typeof FILLED | undefined {
  if (SERIAL.test(definition[0]?.value ?? "")) return "add-serial";
  if (hasWords(outer, "as", "identity")) return "add-identity";
  return hasWords(outer, "generated", "always", "as") &&
      hasWords(outer, "stored")
    ? "add-generated"
    : undefined;
}

function* inlineConstraints(
  at: Reader,
  table: string,
  outer: readonly Token[],
  value: readonly Token[],
): Generator<Finding> {
  if (hasWords(outer, "check")) {
    yield finding(at, "add-check-valid", validProblem("CHECK", table));
  }
  // In a column without values, the server looks up no references.
  if (hasWords(outer, "references") && value.length > 0) {
    yield finding(
      at,
      "add-foreign-key-valid",
      referenceProblem("REFERENCES", table),
    );
  }
  if (hasWords(outer, "unique")) {
    yield finding(at, "add-unique", indexProblem("UNIQUE", table));
  }
  if (hasWords(outer, "primary", "key")) {
    yield finding(at, "add-primary-key", indexProblem("PRIMARY KEY", table));
  }
}

/** Returns the expression after DEFAULT; empty for `DEFAULT NULL`. */
function defaultIn(definition: readonly Token[]): readonly Token[] {
  const depths = new Set(outermost(definition));
  const start = definition.findIndex((token, index) =>
    depths.has(token) && token.kind === "word" && token.value === "default" &&
    !["set", "by"].includes(definition[index - 1]?.value ?? "")
  );
  if (start < 0) return [];
  const after = definition.slice(start + 1);
  const end = after.findIndex((token) =>
    depths.has(token) && token.kind === "word" && AFTER_DEFAULT.has(token.value)
  );
  return end < 0 ? after : after.slice(0, end);
}

/** Returns the first function of an expression that is not known to be stable. */
function volatileFunction(expression: readonly Token[]): string | undefined {
  return expression.find((token, index) => {
    const next = expression[index + 1];
    const before = expression[index - 1];
    return (token.kind === "word" || token.kind === "quoted") &&
      next !== undefined && isSign(next, "(") &&
      !(before !== undefined && isSign(before, "::")) &&
      before?.value !== "as" && !STABLE_FUNCTIONS.has(token.value) &&
      !STABLE_WORDS.has(token.value);
  })?.value;
}
