import { printableText } from "./printable.ts";
import { ConnectionError, TimeoutError } from "./database_errors.ts";
import { DbPluginsError, type WriteOutcome } from "./error.ts";

/** What is known about a failed call, if it was a write. */
interface KnownOutcome {
  readonly outcome: WriteOutcome;
  /** Whether the message says what to do about it. */
  readonly isExplained: boolean;
}

const known = new WeakMap<object, KnownOutcome>();

/**
 * Records what an error says about the write that fails with it. The error of a
 * read stays as it is.
 *
 * @param isExplained whether the message says what to do about an unknown outcome
 * @returns the error
 */
export function withOutcome<E>(
  error: E,
  outcome: WriteOutcome,
  isExplained = false,
): E {
  if (typeof error === "object" && error !== null) {
    known.set(error, { outcome, isExplained });
  }
  return error;
}

/** Returns what was recorded about an error; undefined if nothing was. */
export function recordedOutcome(error: unknown): WriteOutcome | undefined {
  return typeof error === "object" && error !== null
    ? known.get(error)?.outcome
    : undefined;
}

/** Copies what is known about one error to the error that replaces it, and returns that. */
export function withOutcomeOf<E>(error: E, source: unknown): E {
  const found = typeof source === "object" && source !== null
    ? known.get(source)
    : undefined;
  return found === undefined
    ? error
    : withOutcome(error, found.outcome, found.isExplained);
}

/**
 * Returns what an error says about the write that failed with it. Without a
 * record, a lost connection and a time limit leave it unknown; any other error
 * means that nothing was written.
 */
export function outcomeOf(error: unknown): WriteOutcome {
  if (!(error instanceof DbPluginsError)) return "unknown";
  if (error.outcome !== undefined) return error.outcome;
  if (error.partly !== undefined) return "unknown";
  return known.get(error)?.outcome ??
    (error instanceof ConnectionError || error instanceof TimeoutError
      ? "unknown"
      : "not applied");
}

/** Waits for a part of a call that precedes its first write. If it fails, nothing was written. */
export async function beforeWrites<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (error) {
    throw withOutcome(error, "not applied");
  }
}

/** Records that the transaction of a failed call was rolled back, and with it what the call wrote. Returns the error. */
export function rolledBack<E>(error: E): E {
  // The reason of an abort, for one.
  if (!(error instanceof DbPluginsError)) {
    return withOutcome(error, "not applied");
  }
  if (error.partly !== undefined) return error;
  if (error.outcome === "applied") error.outcome = "not applied";
  return withOutcome(error, "not applied");
}

/**
 * Runs a write. Errors of this package that it throws have an outcome.
 *
 * @param advice the end of a message if the outcome is unknown
 */
export async function asWrite<T>(
  write: () => Promise<T>,
  advice: string = UNKNOWN_ADVICE,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw reported(error, outcomeOf(error), { unknown: advice, ...ADVICE });
  }
}

/** Returns the error of a write in a transaction, with its outcome: a lost connection rolls the transaction back. */
export function failedInside(error: unknown): unknown {
  const outcome = outcomeOf(error);
  return reported(error, outcome === "unknown" ? "not applied" : outcome, {});
}

/** Replaces the message of an error, also where its stack repeats it. */
export function setMessage(error: Error, text: string): void {
  const message = printableText(text);
  const { message: previous, stack } = error;
  error.message = message;
  if (stack !== undefined && previous !== "") {
    error.stack = stack.replace(previous, () => message);
  }
}

/** Appends a sentence to the message of an error. */
export function appendSentence(error: Error, sentence: string): void {
  const { message } = error;
  setMessage(
    error,
    `${message}${/[.!?]$/.test(message) ? "" : "."} ${sentence}`,
  );
}

/** What a message says about an outcome. */
type Advice = Readonly<Partial<Record<WriteOutcome, string>>>;

const UNKNOWN_ADVICE =
  "The write may be complete or absent: check the data before you repeat it";
const ADVICE: Advice = {
  applied: "The database holds the row: do not repeat the write",
};

function reported(
  error: unknown,
  outcome: WriteOutcome,
  advices: Advice,
): unknown {
  if (
    !(error instanceof DbPluginsError) || error.outcome !== undefined ||
    Object.isFrozen(error)
  ) return error;
  error.outcome = outcome;
  const advice = advices[outcome];
  const isExplained = error.partly !== undefined ||
    known.get(error)?.isExplained === true;
  if (advice !== undefined && !isExplained) appendSentence(error, advice);
  return error;
}
