import { DbPluginsError } from "@alerce/db-plugins";
import assert from "node:assert/strict";

/** A row of the suite's star. */
interface StarRow {
  readonly id: bigint;
  readonly name: string;
  readonly notes: string | undefined;
}

/** Rows of the suite's star with these ids and matching names. */
export const stars = (
  from: number,
  to: number,
  notes?: string,
): StarRow[] =>
  Array.from({ length: to - from }, (_, index) => ({
    id: BigInt(from + index),
    name: `star ${from + index}`,
    notes,
  }));

/** The ids in keys of one field. */
export const idsOf = (keys: readonly object[] = []): readonly bigint[] =>
  keys.map((key) => {
    assert.deepEqual(Object.keys(key), ["id"]);
    return Reflect.get(key, "id");
  });

/** The ids in a range. */
export const range = (from: number, to: number): readonly bigint[] =>
  stars(from, to).map(({ id }) => id);

/** Sorted ids. */
export const ascending = (ids: readonly bigint[]): readonly bigint[] =>
  ids.toSorted((left, right) => Number(left - right));

/** The error of this package with which work fails. */
export async function failure(work: Promise<unknown>): Promise<DbPluginsError> {
  const error: unknown = await work.then(
    () => assert.fail("It did not fail"),
    (error) => error,
  );
  assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
  return error;
}
