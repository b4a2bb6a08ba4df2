import { DbPluginsError } from "@alerce/db-plugins";
import assert from "node:assert/strict";

/** A row of the suite's star. */
interface StarRow {
  readonly id: bigint;
  readonly name: string;
  readonly notes: string | undefined;
}

/** Rows of the suite's star with these ids, and names that go with them. */
export const stars = (
  from: number,
  to: number,
  notes?: string,
): StarRow[] =>
  Array.from({ length: to - from }, (_, place) => ({
    id: BigInt(from + place),
    name: `star ${from + place}`,
    notes,
  }));

/** The ids in keys that hold nothing else. */
export const idsOf = (keys: readonly object[] = []): readonly bigint[] =>
  keys.map((key) => {
    assert.deepEqual(Object.keys(key), ["id"]);
    return Reflect.get(key, "id");
  });

/** Ids from one to another. */
export const range = (from: number, to: number): readonly bigint[] =>
  stars(from, to).map(({ id }) => id);

/** Ids in order. */
export const ascending = (ids: readonly bigint[]): readonly bigint[] =>
  ids.toSorted((left, right) => Number(left - right));

/** The error that work fails with, which is one of this package's. */
export async function failure(work: Promise<unknown>): Promise<DbPluginsError> {
  const error: unknown = await work.then(
    () => assert.fail("It did not fail"),
    (error) => error,
  );
  assert.ok(error instanceof DbPluginsError, Deno.inspect(error));
  return error;
}
