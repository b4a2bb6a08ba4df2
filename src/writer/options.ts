import { type NamesOf, namesOf } from "../base/known_names.ts";
import { valueText } from "../model/option_shape.ts";
import { checkOptions } from "../query/checks/options.ts";
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
  const { refuse, assertFunctions, assertWhole } = checkOptions(options, {
    action: "create a writer",
    names: NAMES,
    example: "{ maxRows: 10000 }",
  });
  const {
    maxRows = 10_000,
    maxMilliseconds = 1_000,
    retries = 5,
    onRejected,
  } = options;
  if (maxRows !== Infinity) assertWhole("maxRows");
  if (retries !== Infinity) assertWhole("retries", 0);
  if (typeof maxMilliseconds !== "number" || !(maxMilliseconds > 0)) {
    refuse(
      `maxMilliseconds must be a number of milliseconds above 0, got ${
        valueText(maxMilliseconds)
      }`,
      "maxMilliseconds",
    );
  }
  assertFunctions("onRejected");
  return {
    maxRows,
    maxMilliseconds: Math.min(maxMilliseconds, LONGEST_TIMER),
    retries,
    onRejected,
  };
}
