import { QueryError } from "../base/errors/mod.ts";
import { type NamesOf, namesOf, unknownNames } from "../base/known_names.ts";
import { valueText } from "../model/option_shape.ts";
import type { WriterOptions } from "./types.ts";

/** The options of a writer, with its defaults. */
interface WriterSettings extends Required<Omit<WriterOptions, "onRejected">> {
  readonly onRejected: WriterOptions["onRejected"];
}

const OPTIONS: NamesOf<WriterOptions> = {
  maxRows: true,
  maxMilliseconds: true,
  onRejected: true,
  retries: true,
};
const NAMES = namesOf(OPTIONS);

/** The longest time that a timer can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Checks the options of a writer and adds the defaults.
 *
 * @throws {QueryError} with the wrong option
 */
export function writerSettings(options: WriterOptions): WriterSettings {
  if (typeof options !== "object" || options === null) {
    throw refusal("the options must be an object like { maxRows: 10000 }");
  }
  const [unknown] = unknownNames(options, NAMES);
  if (unknown !== undefined) {
    const { name, nearest } = unknown;
    throw refusal(`it has no option ${name}`, name, nearest);
  }
  const {
    maxRows = 10_000,
    maxMilliseconds = 1_000,
    retries = 5,
    onRejected,
  } = options;
  assertWhole("maxRows", maxRows, 1);
  assertWhole("retries", retries, 0);
  if (
    typeof maxMilliseconds !== "number" || !(maxMilliseconds > 0)
  ) {
    throw refusal(
      `maxMilliseconds must be a number of milliseconds above 0, got ${
        valueText(maxMilliseconds)
      }`,
      "maxMilliseconds",
    );
  }
  if (!["undefined", "function"].includes(typeof onRejected)) {
    throw refusal("onRejected must be a function", "onRejected");
  }
  return {
    maxRows,
    maxMilliseconds: Math.min(maxMilliseconds, LONGEST_TIMER),
    retries,
    onRejected,
  };
}

function assertWhole(
  name: "maxRows" | "retries",
  value: unknown,
  least: number,
): void {
  const isWhole = value === Infinity || Number.isSafeInteger(value);
  if (isWhole && Number(value) >= least) return;
  throw refusal(
    `${name} must be a whole number, ${least} or greater, got ${
      valueText(value)
    }`,
    name,
  );
}

function refusal(
  problem: string,
  field = "options",
  nearest?: string,
): QueryError {
  return new QueryError(`Cannot create a writer: ${problem}`, {
    field,
    nearest,
  });
}
