// Random calls of a writer, with rows that are refused, compared with a simple model that writes one row after the other.
import {
  type Connection,
  createWriter,
  type RejectedRow,
} from "@alerce/db-plugins";
import { Sighting, Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { property } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

interface StarRow {
  readonly id: bigint;
  readonly name: string;
  readonly mag: number;
}

type Call =
  | {
    readonly kind: "insert";
    readonly onConflict: "ignore" | "error";
    readonly rows: readonly StarRow[];
  }
  | { readonly kind: "upsert"; readonly rows: readonly StarRow[] }
  | { readonly kind: "sighting"; readonly nights: readonly number[] }
  | { readonly kind: "flush" };

/** NaN is refused by the model. */
const mag = fc.constantFrom(1, 2, 3, NaN);
const star: fc.Arbitrary<StarRow> = fc.record({
  id: fc.bigInt({ min: 1n, max: 6n }),
  name: fc.constantFrom("a", "b", "c", "d"),
  mag,
});
/** Names that no other row has: an upsert of several rows can exchange names, which a row alone cannot. */
const named: fc.Arbitrary<StarRow> = fc.record({
  id: fc.bigInt({ min: 1n, max: 6n }),
  mag,
}).map(({ id, mag }) => ({ id, name: `s${id}`, mag }));
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    kind: fc.constant("insert" as const),
    onConflict: fc.constantFrom("ignore" as const, "error" as const),
    rows: fc.array(star, { maxLength: 6 }),
  }),
  fc.record({
    kind: fc.constant("upsert" as const),
    rows: fc.array(named, { maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant("sighting" as const),
    nights: fc.array(fc.constantFrom(1, 2, -1), { maxLength: 3 }),
  }),
  fc.constant({ kind: "flush" as const }),
);

interface Result {
  readonly rejected: readonly string[];
  readonly stars: readonly StarRow[];
  readonly nights: readonly number[];
}

/** Writes the rows one after the other; the tables do not depend on each other. */
function expected(calls: readonly Call[]): Result {
  const stars = new Map<bigint, StarRow>();
  const nights = new Set<number>();
  const rejected: string[] = [];
  for (const call of calls) {
    if (call.kind === "sighting") {
      for (const [index, night] of call.nights.entries()) {
        if (night < 0) rejected.push(`sighting ${index}`);
        else nights.add(night);
      }
    } else if (call.kind !== "flush") {
      for (const [index, row] of call.rows.entries()) {
        const isTaken = stars.has(row.id) ||
          [...stars.values()].some(({ name }) => name === row.name);
        const isError = call.kind === "insert" && call.onConflict === "error";
        if (Number.isNaN(row.mag) || (isError && isTaken)) {
          rejected.push(`star ${index}`);
        } else if (call.kind === "upsert" || !isTaken) {
          stars.set(row.id, { ...row });
        }
      }
    }
  }
  return {
    rejected: rejected.toSorted(),
    stars: [...stars.values()].toSorted((one, other) =>
      Number(one.id - other.id)
    ),
    nights: [...nights].toSorted(),
  };
}

async function written(
  db: Connection,
  calls: readonly Call[],
): Promise<Result> {
  await db.query(Star).deleteAll({ filterBy: {}, all: true });
  await db.query(Sighting).deleteAll({ filterBy: {}, all: true });
  const rejected: RejectedRow[] = [];
  let total = 0;
  {
    await using writer = createWriter(db, {
      onRejected: (row) => void rejected.push(row),
    });
    for (const call of calls) {
      if (call.kind === "flush") {
        const report = await writer.flush();
        total += Object.values(report).reduce((sum, count) => sum + count, 0);
      } else if (call.kind === "sighting") {
        writer.insert(
          Sighting,
          call.nights.map((night) => ({
            star: 1n,
            night,
            quality: Math.min(night, 1),
          })),
        );
      } else if (call.kind === "upsert") writer.upsert(Star, call.rows);
      else writer.insert(Star, call.rows, { onConflict: call.onConflict });
    }
    const report = await writer.flush();
    total += Object.values(report).reduce((sum, count) => sum + count, 0);
    assert.equal(total, writer.stats.rows + rejected.length);
  }
  assert.equal(
    total,
    calls.reduce(
      (sum, call) =>
        sum +
        ("rows" in call
          ? call.rows.length
          : "nights" in call
          ? call.nights.length
          : 0),
      0,
    ),
  );
  const stars = await db.query(Star).findAll({
    orderBy: { id: "asc" },
    select: ["id", "name", "mag"],
  });
  return {
    rejected: rejected.map(({ model, index }) => `${model} ${index}`)
      .toSorted(),
    stars: stars.map(({ id, name, mag }) => ({ id, name, mag: mag ?? NaN })),
    nights: await db.query(Sighting).distinct("night"),
  };
}

onEveryEngine(
  "each row of a writer is written or rejected, as if it were written alone",
  async (databases) => {
    await property(
      10 * ROUNDS,
      fc.array(call, { maxLength: 6 }),
      async (calls) => {
        const found = await oneAnswer(databases, (db) => written(db, calls));
        assert.deepEqual(found, expected(calls));
      },
    );
  },
);
