import {
  hasWords,
  identifier,
  isSign,
  outermost,
  type Reader,
  rest,
  takes,
} from "../file/reader.ts";
import type { Token } from "../file/tokens.ts";
import { indexProblem, referenceProblem, validProblem } from "./constraint.ts";
import { type Finding, finding } from "./context.ts";
import { STEADY_FUNCTIONS, STEADY_WORDS } from "../file/stable_functions.ts";

const SERIAL = /^(?:small|big)?serial[248]?$/;

/** Words that end the expression after DEFAULT. */
const AFTER_DEFAULT = new Set([
  ...["check", "collate", "constraint", "deferrable", "generated", "initially"],
  ...["not", "null", "primary", "references", "unique"],
]);

/** A column of a table that was there before. */
export function* addColumn(reader: Reader, table: string): Generator<Finding> {
  takes(reader, "column");
  takes(reader, "if", "not", "exists");
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
      } writes all of ${table} anew while nobody else can use it; add ${column} empty, fill it in parts (dbp:step repeat), then finish it`,
    );
  }
  if (
    (hasWords(outer, "not", "null") || hasWords(outer, "primary", "key")) &&
    value.length === 0 && filled === undefined
  ) {
    yield finding(
      at,
      "add-column-not-null",
      `rows that are there have no ${column}; give it a DEFAULT, or add it without NOT NULL, fill it in parts (dbp:step repeat), and then SET NOT NULL`,
    );
  }
  const called = unsteady(value);
  if (called !== undefined) {
    yield finding(
      at,
      "add-column-volatile-default",
      `${called}() may give every row another value, which writes all of ${table} anew while nobody else can use it; add ${column} without DEFAULT, SET DEFAULT, and fill it in parts (dbp:step repeat)`,
    );
  }
  yield* inlineConstraints(at, table, outer, value);
}

const FILLED = {
  "add-serial": "a serial column",
  "add-identity": "an identity column",
  "add-generated": "a stored generated column",
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
  // Where the column is empty, the server does not look for what it refers to.
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

/** What stands after DEFAULT; nothing for `DEFAULT NULL`. */
function defaultIn(definition: readonly Token[]): readonly Token[] {
  const depths = new Set(outermost(definition));
  const start = definition.findIndex((token, place) =>
    depths.has(token) && token.kind === "word" && token.value === "default" &&
    !["set", "by"].includes(definition[place - 1]?.value ?? "")
  );
  if (start < 0) return [];
  const after = definition.slice(start + 1);
  const end = after.findIndex((token) =>
    depths.has(token) && token.kind === "word" && AFTER_DEFAULT.has(token.value)
  );
  return end < 0 ? after : after.slice(0, end);
}

/** The first function in an expression that is not known to be steady. */
function unsteady(expression: readonly Token[]): string | undefined {
  return expression.find((token, place) => {
    const next = expression[place + 1];
    const before = expression[place - 1];
    return (token.kind === "word" || token.kind === "quoted") &&
      next !== undefined && isSign(next, "(") &&
      !(before !== undefined && isSign(before, "::")) &&
      before?.value !== "as" && !STEADY_FUNCTIONS.has(token.value) &&
      !STEADY_WORDS.has(token.value);
  })?.value;
}
