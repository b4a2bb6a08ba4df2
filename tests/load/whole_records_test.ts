// The parser of CSV finds the same records in a text as in its complete records.
import assert from "node:assert/strict";
import fc from "fast-check";
import papa from "papaparse";
import { wholeRecords } from "../../src/load/input/whole_records.ts";
import { ROUNDS } from "../support/rounds.ts";

interface Parsed {
  readonly data: readonly string[][];
  readonly errors: readonly { readonly code: string; readonly row: number }[];
}

/** The problem of each error of the parser. */
const CODES: Readonly<Record<string, RegExp>> = {
  MissingQuotes: /never ends/,
  InvalidQuotes: /text after the closing quote/,
};

const DIALECTS = [[",", "\n"], ["\t", "\n"], [";", "\r"]] as const;

for (const [delimiter, lineEnd] of DIALECTS) {
  const separators = { delimiter, lineEnd };
  Deno.test(`the records before the first malformed one are those of the parser: ${JSON.stringify(separators)}`, () => {
    const parts = ["a", " ", "\r", '"', '"', '""', delimiter, lineEnd, "\n"];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { maxLength: 14 }),
        fc.boolean(),
        (texts, isLast) => {
          const text = texts.join("");
          const parse = (content: string, isWhole: boolean): Parsed => {
            const parser = new papa.Parser({ delimiter, newline: lineEnd });
            const { errors, data } = parser.parse(content, 0, !isWhole);
            return { errors, data };
          };
          const { end, problem } = wholeRecords(text, separators, isLast);
          const { errors: [error], data } = parse(text, isLast);
          // The parser also reports what the rest of a file may correct.
          if (isLast || problem !== undefined) {
            assert.match(problem ?? "", CODES[error?.code ?? ""] ?? /^$/);
          }
          const whole = text.slice(0, end);
          assert.deepEqual(
            parse(whole, isLast && problem === undefined),
            { errors: [], data: data.slice(0, error?.row) },
          );
        },
      ),
      { numRuns: 2_000 * ROUNDS },
    );
  });
}
