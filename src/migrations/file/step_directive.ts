import { parseDuration, printDuration } from "../../base/parse_duration.ts";
import { nearest } from "../../base/nearest.ts";
import type { Step } from "../../engine/migrations/mod.ts";
import { fileError, type Position } from "./position.ts";

/** How a step runs. */
export type StepOptions = Pick<
  Step,
  "transaction" | "repeat" | "lockTimeout" | "statementTimeout"
>;

/** How a step without a directive runs. */
export const PLAIN_STEP: StepOptions = {
  transaction: true,
  repeat: false,
  lockTimeout: undefined,
  statementTimeout: undefined,
};

/** The form of the directive. */
export const STEP_SHAPE =
  "dbp:step [tx=none|tx=auto] [repeat] [lock_timeout=2s] [statement_timeout=1h]";

const STEP_OPTIONS = ["tx", "repeat", "lock_timeout", "statement_timeout"];

/** The longest timeout that engines accept: 2³¹-1 ms. */
const LONGEST = 2_147_483_647;

/**
 * Reads the words after `dbp:step`.
 *
 * @throws {MigrationError} with exit code 4
 */
export function parseStep(
  words: readonly string[],
  position: Position,
): StepOptions {
  const seen = new Map<string, string | undefined>();
  for (const word of words) {
    const [name = "", value] = splitOnce(word, "=");
    if (name === "") {
      throw fileError(
        position,
        `dbp:step has "${word}"; write option=value without spaces`,
      );
    }
    if (!STEP_OPTIONS.includes(name)) {
      const near = nearest(name, STEP_OPTIONS);
      throw fileError(
        position,
        `dbp:step has no option "${word}"${
          near === undefined ? `; write ${STEP_SHAPE}` : ""
        }`,
        near,
      );
    }
    if (seen.has(name)) throw fileError(position, `dbp:step repeats ${name}`);
    seen.set(name, value);
  }
  const step = {
    transaction: transaction(seen, position),
    repeat: repeat(seen, position),
    lockTimeout: limit("lock_timeout", seen, position),
    statementTimeout: limit("statement_timeout", seen, position),
  };
  if (step.repeat && !step.transaction) {
    throw fileError(
      position,
      "dbp:step cannot have both tx=none and repeat: each repetition is a transaction of its own",
    );
  }
  return step;
}

/** Writes the directive of a step, without `dbp:`: `step lock_timeout=2s`. */
export function printStep(step: StepOptions): string {
  return [
    "step",
    step.transaction ? "" : "tx=none",
    step.repeat ? "repeat" : "",
    printLimit("lock_timeout", step.lockTimeout),
    printLimit("statement_timeout", step.statementTimeout),
  ].filter(Boolean).join(" ");
}

type Seen = ReadonlyMap<string, string | undefined>;

function transaction(seen: Seen, position: Position): boolean {
  if (!seen.has("tx")) return true;
  const value = seen.get("tx") ?? "";
  if (value !== "none" && value !== "auto") {
    throw fileError(
      position,
      `tx=${value} must be tx=none or tx=auto`,
      withName("tx", nearest(value, ["none", "auto"])),
    );
  }
  return value === "auto";
}

function repeat(seen: Seen, position: Position): boolean {
  const value = seen.get("repeat");
  if (value !== undefined) {
    throw fileError(position, `repeat takes no value, but has "${value}"`);
  }
  return seen.has("repeat");
}

function limit(
  name: string,
  seen: Seen,
  position: Position,
): number | undefined {
  if (!seen.has(name)) return undefined;
  const value = seen.get(name) ?? "";
  const duration = parseDuration(value);
  if (duration === undefined || duration.amount.includes(".")) {
    throw fileError(
      position,
      `${name}${
        value ? `=${value} is not a duration` : " requires a duration"
      }; write ${name}=2s, with h, m, s or ms, or ${name}=0 for no limit`,
    );
  }
  const { amount, unit, milliseconds } = duration;
  if (milliseconds === undefined) {
    throw fileError(
      position,
      `${name}=${value} has ${
        unit === "" ? "no unit" : `the unknown unit "${unit}"`
      }; units are h, m, s and ms`,
      withName(name, withName("", similarUnit(unit), amount)),
    );
  }
  if (milliseconds > LONGEST) {
    throw fileError(position, `${name}=${value} is longer than 596h`);
  }
  return milliseconds;
}
/** Returns the unit that `sec`, `min`, `hours` or `MS` stands for. */
function similarUnit(unit: string): string | undefined {
  const lower = unit.toLowerCase();
  if (lower === "" || lower === "ms" || lower.startsWith("milli")) {
    return lower === "" ? "s" : "ms";
  }
  return ["h", "m", "s"].find((known) => lower.startsWith(known));
}

function withName(
  name: string,
  value: string | undefined,
  before = "",
): string | undefined {
  if (value === undefined) return undefined;
  return `${name}${name === "" ? "" : "="}${before}${value}`;
}

function printLimit(name: string, milliseconds: number | undefined): string {
  return milliseconds === undefined
    ? ""
    : `${name}=${printDuration(milliseconds)}`;
}

function splitOnce(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0
    ? [text, undefined]
    : [text.slice(0, at), text.slice(at + mark.length)];
}
