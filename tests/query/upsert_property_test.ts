// Upserts of random rows: each row counts as if it had come alone, and with `prefer` the order of the rows counts for nothing.
import type { Connection } from "@alerce/db-plugins";
import { Star, type StarRow } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { POOLS, property } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { compare } from "../memory/rows.ts";

type Given = Partial<StarRow> & { id: bigint; name: string };
type Name =
  | "mag"
  | "visits"
  | "status"
  | "seen"
  | "flux"
  | "labels"
  | "kind"
  | "notes";

/** Fields by which one row may be better than another; `status` has a default, the others may be null. */
const RANKING: readonly Name[] = ["visits", "mag", "status", "seen"];
const NAMES: readonly Name[] = [...RANKING, "flux", "labels", "kind", "notes"];
/** What a new row holds where nothing is given. */
const EMPTY: Readonly<Record<string, unknown>> = {
  mag: null,
  flux: null,
  visits: null,
  variable: null,
  seen: null,
  labels: null,
  kind: null,
  uid: null,
  notes: null,
  status: "new",
};

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 3 });

/** A row of one of two keys that gives some of its fields. */
const some: fc.Arbitrary<Given> = fc.record({
  id: fc.bigInt({ min: 1n, max: 2n }),
  mag: nullable(POOLS.mag),
  visits: nullable(POOLS.visits),
  status: POOLS.status,
  seen: nullable(POOLS.seen),
  flux: nullable(POOLS.flux),
  labels: nullable(POOLS.labels),
  kind: nullable(POOLS.kind),
  notes: nullable(POOLS.notes),
}, { requiredKeys: ["id"] }).map((row) => ({ ...row, name: `s${row.id}` }));

const options = fc.record({
  prefer: fc.shuffledSubarray([...RANKING]),
  update: fc.option(fc.subarray([...NAMES]), { nil: undefined }),
});

/** Where to cut a list of rows into calls. */
const cuts = fc.array(fc.nat({ max: 9 }), { maxLength: 3 });

function pieces<T>(rows: readonly T[], at: readonly number[]): T[][] {
  const places = [0, ...at.toSorted((a, b) => a - b), rows.length];
  return places.slice(1).map((to, place) => rows.slice(places[place], to));
}

async function table(db: Connection): Promise<object[]> {
  const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  return rows.map((row) => ({ ...row }));
}

/** The table once it held some rows and was given others, call by call. */
async function upserted(
  db: Connection,
  there: readonly Given[],
  calls: readonly (readonly Given[])[],
  asked: { prefer: Name[]; update: Name[] | undefined },
): Promise<object[]> {
  const { prefer, update } = asked;
  const query = db.query(Star);
  await query.deleteAll({ filterBy: {}, all: true });
  await query.bulkInsert(there);
  for (const rows of calls) {
    const before = await query.count();
    const counted = await query.bulkUpsert(rows, {
      prefer,
      ...(update === undefined ? {} : { update }),
    });
    assert.equal(counted.inserted, await query.count() - before);
    assert.equal(
      counted.inserted + counted.updated + counted.unchanged,
      rows.length,
    );
  }
  return await table(db);
}

const distinct = <T extends { id: bigint }>(rows: readonly T[]): T[] => [
  ...new Map(rows.map((row) => [row.id, row])).values(),
];

onEveryEngine(
  "rows of random shapes are upserted as if each had come alone, whatever the options and the split",
  async (databases) => {
    const given = fc.tuple(
      fc.array(some, { maxLength: 3 }),
      fc.array(some, { maxLength: 8 }),
      options,
      cuts,
    );
    await property(12, given, async ([there, rows, asked, at]) => {
      const alone = await oneAnswer(
        databases,
        (db) => upserted(db, distinct(there), rows.map((row) => [row]), asked),
      );
      for (const calls of [[rows], pieces(rows, at)]) {
        const whole = await oneAnswer(
          databases,
          (db) => upserted(db, distinct(there), calls, asked),
        );
        assert.deepEqual(whole, alone);
      }
    });
  },
);

/** Rows no two of which are equal in rank without being equal; the best gives all that any of its key gives, and what `update` leaves out is the same in all. */
function comparable(
  rows: readonly Given[],
  { prefer, update }: { prefer: Name[]; update: Name[] | undefined },
): Given[] {
  const written = new Set<string>([
    "id",
    "name",
    ...prefer,
    ...update ?? NAMES,
  ]);
  const byRank = new Map<string, Given>();
  for (const row of rows) {
    const kept = Object.entries(row).filter(([name]) => written.has(name));
    const next: Given = {
      id: row.id,
      name: row.name,
      ...Object.fromEntries(kept),
    };
    const rank = JSON.stringify([String(row.id), ranked(next, prefer)]);
    if (!byRank.has(rank)) byRank.set(rank, next);
  }
  const groups = Map.groupBy(byRank.values(), ({ id }) => id);
  return [...groups.values()].flatMap((group) => {
    const best = group.reduce((one, other) =>
      better(other, one, prefer) ? other : one
    );
    const all = group.flatMap((row) => Object.keys(row));
    for (const name of all) {
      if (!Object.hasOwn(best, name)) Reflect.set(best, name, EMPTY[name]);
    }
    return group;
  });
}

function ranked(row: object, prefer: readonly Name[]): unknown[] {
  return prefer.map((name) => Reflect.get({ ...EMPTY, ...row }, name));
}

function better(one: object, other: object, prefer: readonly Name[]): boolean {
  const [left, right] = [ranked(one, prefer), ranked(other, prefer)];
  for (const [place, mine] of left.entries()) {
    const theirs = right[place];
    if (
      mine === theirs ||
      (mine !== null && theirs !== null && compare(mine, theirs) === 0)
    ) continue;
    return theirs === null || (mine !== null && compare(mine, theirs) > 0);
  }
  return false;
}

onEveryEngine(
  "with prefer any order of the same rows and any split into calls ends in the same table",
  async (databases) => {
    const given = fc.tuple(
      fc.array(some, { maxLength: 2 }),
      fc.array(some, { minLength: 1, maxLength: 8 }),
      options.filter(({ prefer, update }) =>
        prefer.length > 0 && update?.length !== 0
      ),
    ).chain(([there, rows, asked]) => {
      const all = comparable([...there, ...rows], asked);
      return fc.tuple(
        fc.constant({ all, asked }),
        fc.subarray(all),
        fc.array(
          fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), cuts),
          { minLength: 2, maxLength: 3 },
        ),
      );
    });
    await property(10, given, async ([{ all, asked }, again, orders]) => {
      const best = [...Map.groupBy(all, ({ id }) => id).values()].map(
        (group) => {
          const row = group.reduce((one, other) =>
            better(other, one, asked.prefer) ? other : one
          );
          return { ...EMPTY, ...row };
        },
      );
      for (const [rows, at] of orders) {
        const calls = pieces([...rows, ...again], at);
        const after = await oneAnswer(
          databases,
          (db) => upserted(db, [], calls, asked),
        );
        assert.deepEqual(after, best.toSorted((a, b) => a.id < b.id ? -1 : 1));
      }
    });
  },
);
