// Upserts of random rows: the result is that of single upserts. With `prefer`, and with the rules least and greatest, it does not depend on the order of the rows.
import type { Connection, MergeRule, MergeRules } from "@alerce/db-plugins";
import { Star, type StarRow } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { POOLS, property } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";
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

/** Fields for `prefer`; `status` has a default, the others can be null. */
const RANKING: readonly Name[] = ["visits", "mag", "status", "seen"];
const NAMES: readonly Name[] = [...RANKING, "flux", "labels", "kind", "notes"];
/** The values of a new row without attributes. */
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

/** One of two keys, and each field with an order. */
const ordered = {
  id: fc.bigInt({ min: 1n, max: 2n }),
  mag: nullable(POOLS.mag),
  visits: nullable(POOLS.visits),
  status: POOLS.status,
  seen: nullable(POOLS.seen),
  flux: nullable(POOLS.flux),
  labels: nullable(POOLS.labels),
  kind: nullable(POOLS.kind),
};

const named = <Row extends { id: bigint }>(row: Row) => ({
  ...row,
  name: `s${row.id}`,
});

/** A row with one of two keys and some of the fields. */
const some: fc.Arbitrary<Given> = fc.record(
  { ...ordered, notes: nullable(POOLS.notes) },
  { requiredKeys: ["id"] },
).map(named);

const options = fc.record({
  prefer: fc.shuffledSubarray([...RANKING]),
  update: fc.option(fc.subarray([...NAMES]), { nil: undefined }),
});

/** A rule for some fields, and perhaps one for the others; JSON has no order. */
const rules: fc.Arbitrary<MergeRules<StarRow>> = fc.record({
  mag: ruleOf("least", "greatest"),
  visits: ruleOf("least", "greatest"),
  status: ruleOf("least", "greatest"),
  seen: ruleOf("least", "greatest"),
  flux: ruleOf("least", "greatest"),
  labels: ruleOf("least", "greatest"),
  kind: ruleOf("least", "greatest"),
  notes: ruleOf(),
  "*": ruleOf(),
}, { requiredKeys: [] });

function ruleOf(...more: MergeRule[]): fc.Arbitrary<MergeRule> {
  return fc.constantFrom<MergeRule[]>("replace", "keep", "ifNull", ...more);
}

/** The positions that split a list of rows into calls. */
const cuts = fc.array(fc.nat({ max: 9 }), { maxLength: 3 });

function pieces<T>(rows: readonly T[], at: readonly number[]): T[][] {
  const places = [0, ...at.toSorted((a, b) => a - b), rows.length];
  return places.slice(1).map((to, index) => rows.slice(places[index], to));
}

async function table(db: Connection): Promise<StarRow[]> {
  const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
  return rows.map((row) => ({ ...row }));
}

/** Returns the table after upserts of rows, call by call, into existing rows. */
async function upserted(
  db: Connection,
  existing: readonly Given[],
  calls: readonly (readonly Given[])[],
  requested: {
    prefer?: Name[];
    update?: Name[] | undefined;
    merge?: MergeRules<StarRow>;
  },
): Promise<object[]> {
  const { prefer, update, merge } = requested;
  const query = db.query(Star);
  await query.deleteAll({ filterBy: {}, all: true });
  await query.bulkInsert(existing);
  for (const rows of calls) {
    const before = await table(db);
    const counted = await query.bulkUpsert(rows, {
      ...(rows.length % 2 === 0 ? { returning: ALL } : {}),
      ...(prefer === undefined ? {} : { prefer }),
      ...(update === undefined ? {} : { update }),
      ...(merge === undefined ? {} : { merge }),
    });
    const after = await table(db);
    assert.equal(counted.inserted, after.length - before.length);
    if ("rows" in counted) assertWritten(rows, counted.rows, before, after);
    assert.equal(
      counted.inserted + counted.updated + counted.unchanged,
      rows.length,
    );
  }
  return await table(db);
}

const ALL = Star.fields.map(({ name }) => name as keyof StarRow);

/** Asserts that an upsert returned each row that it changed, once, as it is stored, in the given order. */
function assertWritten(
  given: readonly Given[],
  returned: readonly StarRow[],
  before: readonly StarRow[],
  after: readonly StarRow[],
): void {
  const byKey = (rows: readonly StarRow[]) =>
    new Map(rows.map((row) => [row.id, { ...row }]));
  const [old, stored] = [byKey(before), byKey(after)];
  const ids = returned.map(({ id }) => id);
  assert.deepEqual(
    ids,
    distinct(given).map(({ id }) => id).filter((id) => ids.includes(id)),
  );
  for (const row of returned) assert.deepEqual({ ...row }, stored.get(row.id));
  for (const [id, row] of stored) {
    if (!ids.includes(id)) assert.deepEqual(row, old.get(id));
  }
}

const distinct = <T extends { id: bigint }>(rows: readonly T[]): T[] => [
  ...new Map(rows.map((row) => [row.id, row])).values(),
];

onEveryEngine(
  "upserts of random rows have the result of single upserts, with any options and any split into calls",
  async (databases) => {
    const given = fc.tuple(
      fc.array(some, { maxLength: 3 }),
      fc.array(some, { maxLength: 8 }),
      fc.oneof(options, rules.map((merge) => ({ merge }))),
      cuts,
    );
    await property(
      10 * ROUNDS,
      given,
      async ([existing, rows, requested, at]) => {
        const alone = await oneAnswer(
          databases,
          (db) =>
            upserted(
              db,
              distinct(existing),
              rows.map((row) => [row]),
              requested,
            ),
        );
        for (const calls of [[rows], pieces(rows, at)]) {
          const whole = await oneAnswer(
            databases,
            (db) => upserted(db, distinct(existing), calls, requested),
          );
          assert.deepEqual(whole, alone);
        }
      },
    );
  },
);

/** Rows whose rank is equal only if they are equal. The greatest of a key has all fields of the others, and fields that `update` excludes are equal in all rows. */
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
  for (const [index, own] of left.entries()) {
    const theirs = right[index];
    if (
      own === theirs ||
      (own !== null && theirs !== null && compare(own, theirs) === 0)
    ) continue;
    return theirs === null || (own !== null && compare(own, theirs) > 0);
  }
  return false;
}

onEveryEngine(
  "with prefer, any order of the rows and any split into calls give the same table",
  async (databases) => {
    const given = fc.tuple(
      fc.array(some, { maxLength: 2 }),
      fc.array(some, { minLength: 1, maxLength: 8 }),
      options.filter(({ prefer, update }) =>
        prefer.length > 0 && update?.length !== 0
      ),
    ).chain(([existing, rows, requested]) => {
      const all = comparable([...existing, ...rows], requested);
      return fc.tuple(
        fc.constant({ all, requested }),
        fc.subarray(all),
        fc.array(
          fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), cuts),
          { minLength: 2, maxLength: 3 },
        ),
      );
    });
    await property(
      5 * ROUNDS,
      given,
      async ([{ all, requested }, again, orders]) => {
        const best = [...Map.groupBy(all, ({ id }) => id).values()].map(
          (group) => {
            const row = group.reduce((one, other) =>
              better(other, one, requested.prefer) ? other : one
            );
            return { ...EMPTY, ...row };
          },
        );
        for (const [rows, at] of orders) {
          const calls = pieces([...rows, ...again], at);
          const after = await oneAnswer(
            databases,
            (db) => upserted(db, [], calls, requested),
          );
          assert.deepEqual(
            after,
            best.toSorted((a, b) => a.id < b.id ? -1 : 1),
          );
        }
      },
    );
  },
);

/** Rows that have each field with an order. */
const whole: fc.Arbitrary<Given> = fc.record(ordered).map(named);

type Extreme = "least" | "greatest";
const extreme = fc.constantFrom<Extreme[]>("least", "greatest");
const extremes = fc.record({
  mag: extreme,
  visits: extreme,
  status: extreme,
  seen: extreme,
  flux: extreme,
  labels: extreme,
  kind: extreme,
});

/** The row that all rows of a key make. */
function mergedRow(
  rows: readonly Given[],
  rules: Readonly<Record<string, Extreme>>,
): object {
  const merged: Record<string, unknown> = { ...EMPTY, ...rows[0] };
  for (const [name, rule] of Object.entries(rules)) {
    for (const row of rows) {
      const value: unknown = Reflect.get(row, name);
      const best = merged[name];
      if (value === null) continue;
      const order = best === null ? 1 : compare(value, best);
      if (best === null || order * (rule === "least" ? -1 : 1) > 0) {
        merged[name] = value;
      }
    }
  }
  return merged;
}

onEveryEngine(
  "with least and greatest, any order of the rows and any split into calls give the same table",
  async (databases) => {
    const given = fc.tuple(
      fc.array(whole, { minLength: 1, maxLength: 7 }),
      extremes,
    ).chain(([rows, rules]) =>
      fc.tuple(
        fc.constant({ rows, rules }),
        fc.subarray(rows),
        fc.array(
          fc.tuple(
            fc.shuffledSubarray(rows, { minLength: rows.length }),
            cuts,
          ),
          { minLength: 2, maxLength: 3 },
        ),
      )
    );
    await property(
      5 * ROUNDS,
      given,
      async ([{ rows, rules }, again, orders]) => {
        const groups = Map.groupBy(rows, ({ id }) => id);
        const expected = [...groups.values()]
          .map((group) => mergedRow(group, rules));
        for (const [ordered, at] of orders) {
          const calls = pieces([...ordered, ...again], at);
          const after = await oneAnswer(
            databases,
            (db) => upserted(db, [], calls, { merge: rules }),
          );
          assert.deepEqual(
            after.toSorted(byId),
            expected.toSorted(byId),
          );
        }
      },
    );
  },
);

function byId(one: object, other: object): number {
  return Reflect.get(one, "id") < Reflect.get(other, "id") ? -1 : 1;
}
