/**
 * The time of a `Date` that stands for `infinity`, in milliseconds; the negative
 * one stands for `-infinity`. They are the limits of a `Date`: ECMA-262, section
 * 21.4.1.1.
 */
export const INFINITE_TIME = 8.64e15;

/** Returns its argument from the constructor, so that a derived class adds private fields to an existing object. */
class Existing {
  constructor(date: Date) {
    return date as object;
  }
}

/**
 * The part of a time below the millisecond, as a private field of its `Date`. It
 * is invisible to every other code. A `WeakMap` takes 12 times as long.
 */
class ExactPart extends Existing {
  readonly #time: number;
  readonly #microseconds: number;

  constructor(date: Date, microseconds: number) {
    super(date);
    this.#time = date.getTime();
    this.#microseconds = microseconds;
  }

  static of(date: Date): number | undefined {
    return #microseconds in date && date.#time === date.getTime()
      ? date.#microseconds
      : undefined;
  }
}

/**
 * Returns a `Date` that remembers its microseconds, for a time that was read
 * from a column with microseconds.
 *
 * @param milliseconds since 1970-01-01 UTC
 * @param microseconds 0 to 999
 */
export function exactDate(milliseconds: number, microseconds: number): Date {
  const date = new Date(milliseconds);
  new ExactPart(date, microseconds);
  return date;
}

/** Returns the `Date` of a time in microseconds since 1970-01-01 UTC. */
export function dateOfMicroseconds(time: bigint): Date {
  const part = Number(((time % 1000n) + 1000n) % 1000n);
  const milliseconds = Number((time - BigInt(part)) / 1000n);
  return part === 0 ? new Date(milliseconds) : exactDate(milliseconds, part);
}

/**
 * Returns the microseconds, 0 to 999, of a `Date` that a read returned. Returns
 * undefined for any other `Date`, and after a change of its time: then it stands
 * for a whole millisecond.
 */
export function microsecondsOf(date: Date): number | undefined {
  return ExactPart.of(date);
}
