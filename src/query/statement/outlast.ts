import type { TransactionOptions } from "./transaction_options.ts";

/** A wait for another transaction that is in the way. */
export interface ConflictWait {
  /** Milliseconds since the first conflict. */
  readonly waited: number;
  /** Milliseconds after which the server has ended every transaction that was in the way, also that of a killed client. */
  readonly longest: number;
}

/** Called before a transaction is repeated because another one is in its way. */
export type OnConflictWait = (wait: ConflictWait) => void;

/** A symbol, because the names of a caller's options are checked. */
const OUTLAST: unique symbol = Symbol("outlast");

/**
 * Returns the options of a transaction that this package begins. On an engine
 * whose writers do not wait for each other, it is repeated, beyond its retries,
 * as long as another transaction can be in the way: a killed client leaves one.
 *
 * @param onWait called before each repetition
 */
export function outlasting<Options extends Partial<TransactionOptions>>(
  options: Options,
  onWait: OnConflictWait = () => {},
): Options {
  return { ...options, [OUTLAST]: onWait };
}

/** Returns the callback that {@link outlasting} added; undefined for other options. */
export function outlastOf(options: object): OnConflictWait | undefined {
  return OUTLAST in options ? options[OUTLAST] as OnConflictWait : undefined;
}
