import type { Step } from "../../engine/migrations/mod.ts";
import { fileError, type Place } from "./file_error.ts";
import { nearest } from "../../base/nearest.ts";

/** How a step is run. */
export type StepOptions = Pick<
  Step,
  "transaction" | "repeat" | "lockTimeout" | "statementTimeout"
>;

/** How a step is run that has no directive. */
export const PLAIN_STEP: StepOptions = {
  transaction: true,
  repeat: false,
  lockTimeout: undefined,
  statementTimeout: undefined,
};

/** How the directive is written. */
export const STEP_SHAPE =
  "dbp:step [tx=none|tx=auto] [repeat] [lock_timeout=2s] [statement_timeout=1h]";

const STEP_OPTIONS = ["tx", "repeat", "lock_timeout", "statement_timeout"];

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

/** The longest limit that engines take: 2³¹-1 ms. */
const LONGEST = 2_147_483_647;

/**
 * Reads the words after `dbp:step`.
 *
 * @throws {MigrationError} with exit code 4
 */
export function parseStep(words: readonly string[], place: Place): StepOptions {
  const seen = new Map<string, string | undefined>();
  for (const word of words) {
    const [name = "", value] = splitOnce(word, "=");
    if (name === "") {
      throw fileError(
        place,
        `dbp:step has "${word}"; write option=value without spaces`,
      );
    }
    if (!STEP_OPTIONS.includes(name)) {
      const near = nearest(name, STEP_OPTIONS);
      throw fileError(
        place,
        `dbp:step has no option "${word}"${
          near === undefined ? `; write ${STEP_SHAPE}` : ""
        }`,
        near,
      );
    }
    if (seen.has(name)) throw fileError(place, `dbp:step has ${name} twice`);
    seen.set(name, value);
  }
  const step = {
    transaction: transaction(seen, place),
    repeat: repeat(seen, place),
    lockTimeout: limit("lock_timeout", seen, place),
    statementTimeout: limit("statement_timeout", seen, place),
  };
  if (step.repeat && !step.transaction) {
    throw fileError(
      place,
      "dbp:step cannot have both tx=none and repeat: each repetition is a transaction of its own",
    );
  }
  return step;
}

/** The directive before a step: `step lock_timeout=2s`, without `dbp:`. */
export function printStep(step: StepOptions): string {
  return [
    "step",
    step.transaction ? "" : "tx=none",
    step.repeat ? "repeat" : "",
    printLimit("lock_timeout", step.lockTimeout),
    printLimit("statement_timeout", step.statementTimeout),
  ].filter(Boolean).join(" ");
}

/** Milliseconds as they are written: `2s`, `250ms`, `0`. */
function printDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0";
  const unit = Object.entries(UNITS).find(([, size]) =>
    milliseconds % size === 0
  );
  return unit === undefined
    ? `${milliseconds}ms`
    : `${milliseconds / unit[1]}${unit[0]}`;
}

type Seen = ReadonlyMap<string, string | undefined>;

function transaction(seen: Seen, place: Place): boolean {
  if (!seen.has("tx")) return true;
  const value = seen.get("tx") ?? "";
  if (value !== "none" && value !== "auto") {
    throw fileError(
      place,
      `tx=${value} is neither tx=none nor tx=auto`,
      withName("tx", nearest(value, ["none", "auto"])),
    );
  }
  return value === "auto";
}

function repeat(seen: Seen, place: Place): boolean {
  const value = seen.get("repeat");
  if (value !== undefined) {
    throw fileError(place, `repeat takes no value, but has "${value}"`);
  }
  return seen.has("repeat");
}

function limit(name: string, seen: Seen, place: Place): number | undefined {
  if (!seen.has(name)) return undefined;
  const value = seen.get(name) ?? "";
  const [, digits, unit] = /^(\d+)([a-z]*)$/i.exec(value) ?? [];
  if (digits === undefined || unit === undefined) {
    throw fileError(
      place,
      `${name}${
        value ? `=${value} is not a duration` : " needs a duration"
      }; write ${name}=2s, with h, m, s or ms, or ${name}=0 for no limit`,
    );
  }
  const size = Number(digits) === 0 && unit === "" ? 1 : UNITS[unit];
  if (size === undefined) {
    throw fileError(
      place,
      `${name}=${value} has ${
        unit === "" ? "no unit" : `the unknown unit "${unit}"`
      }; units are h, m, s and ms`,
      withName(name, withName("", unitLike(unit), digits)),
    );
  }
  const milliseconds = Number(digits) * size;
  if (milliseconds > LONGEST) {
    throw fileError(place, `${name}=${value} is longer than 596h`);
  }
  return milliseconds;
}

/** The unit that was meant by `sec`, `min`, `hours`, `MS`. */
function unitLike(unit: string): string | undefined {
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
