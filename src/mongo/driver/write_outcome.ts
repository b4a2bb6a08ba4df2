import { DbPluginsError } from "../../base/errors/mod.ts";
import { countIn, fieldsOf, isDrivers, listOf } from "../link/driver_error.ts";
import { isMissing } from "./errors.ts";
import { isTaken } from "../link/duplicate_key.ts";

/** What an error says of the operations that were sent together. */
export interface Settled {
  /** Places of those that were carried out. */
  readonly written: readonly number[];
  /** Places of those that were not. */
  readonly unwritten: readonly number[];
  /** Places of those of which nothing is known. */
  readonly unknown: readonly number[];
  /** Places of those that were not because a key is taken. */
  readonly taken: readonly number[];
}

/**
 * Sorts operations by an error that they came to.
 *
 * @param ordered whether the server stops at the first that it refuses
 */
export function settled(
  error: unknown,
  count: number,
  ordered: boolean,
): Settled {
  const places = Array.from({ length: count }, (_, place) => place);
  const none = { written: [], unwritten: [], unknown: [], taken: [] };
  const cause = error instanceof DbPluginsError ? error.cause : error;
  // What never reached the driver was not written.
  if (!(cause instanceof Error) || !isDrivers(cause)) {
    return { ...none, unwritten: places };
  }
  const refused = new Map(
    listOf(cause.writeErrors).map(fieldsOf).map(({ index, code }) => [
      Number(index),
      code,
    ]),
  );
  if (refused.size > 0) {
    const end = ordered ? Math.min(...refused.keys()) : count;
    return {
      ...none,
      written: places.filter((place) => place < end && !refused.has(place)),
      unwritten: places.filter((place) =>
        (place >= end || refused.has(place)) && !isTaken(refused.get(place))
      ),
      taken: places.filter((place) => isTaken(refused.get(place))),
    };
  }
  const some = countIn(cause, "insertedCount") +
    countIn(cause, "upsertedCount") + countIn(cause, "modifiedCount");
  return some > 0 || isMissing(cause)
    ? { ...none, unknown: places }
    : { ...none, unwritten: places };
}
