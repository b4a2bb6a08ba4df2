import assert from "node:assert/strict";
import { DuplicateKeyError } from "../base/errors/mod.ts";
import { rowFilter } from "../query/middleware/row_filter.ts";
import { increment } from "../query/write/expressions.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Job, Place, Sighting, Stamp, Star, Tally } from "./models.ts";
import { BIG, fillStars, names, plain, STARS } from "./stars.ts";
import { refuseWrongReturning } from "./wrong_returning.ts";

/** Rows of enough batches for every engine to write several. */
const MANY = 6_000;

/** `returning` of the methods that write given rows. */
export const returnedRows: readonly Behaviour[] = [
  behaviour(
    "bulkInsert with returning returns the inserted rows in the given order, as they are stored",
    async (db) => {
      const given = [...STARS].reverse();
      const { inserted, ignored, rows } = await db.query(Star).bulkInsert(
        given,
        { returning: ["status", "id", "seen", "labels", "flux"] },
      );
      assert.deepEqual([inserted, ignored], [5, 0]);
      assert.deepEqual(rows.map(({ id }) => id), [-5n, BIG, 3n, 2n, 1n]);
      assert.deepEqual({ ...rows[1] }, {
        status: "new",
        id: BIG,
        seen: new Date("2020-01-01T00:00:00Z"),
        labels: [],
        flux: null,
      });
      assert.deepEqual(
        Object.keys(rows[0] ?? {}),
        ["status", "id", "seen", "labels", "flux"],
      );
      assert.equal(rows[4]?.status, "old");
    },
  ),
  behaviour(
    "bulkInsert with returning leaves out ignored rows, and the key if it is not requested",
    async (db) => {
      await fillStars(db);
      const result = await db.query(Star).bulkInsert([
        { id: 9n, name: "Vega" },
        { id: 1n, name: "Sirius" }, // the id exists
        { id: 8n, name: "Mira" }, // the name exists
        { id: 7n, name: "Vega", mag: 1 }, // a preceding row has the name
        { id: 6n, name: "Rigel", mag: 0.5 },
        { id: 9n, name: "Spica" }, // a preceding row has the id
      ], { returning: ["name", "mag"] });
      assert.deepEqual({ ...result, rows: plain(result.rows) }, {
        inserted: 2,
        ignored: 4,
        rows: [{ name: "Vega", mag: null }, { name: "Rigel", mag: 0.5 }],
      });
      assert.deepEqual(
        await db.query(Star).bulkInsert(STARS, { returning: ["id"] }),
        { inserted: 0, ignored: 5, rows: [] },
      );
      assert.deepEqual(
        await db.query(Star).bulkInsert([], { returning: ["id"] }),
        { inserted: 0, ignored: 0, rows: [] },
      );
      assert.deepEqual(
        await db.query(Star).bulkInsert([{ id: 20n, name: "Deneb" }]),
        { inserted: 1, ignored: 0 },
      );
    },
  ),
  behaviour(
    "bulkInsert with returning places a row after those with its key that are ignored for another one",
    async (db) => {
      await fillStars(db);
      const { rows } = await db.query(Star).bulkInsert([
        { id: 9n, name: "Algol" }, // the name exists
        { id: 7n, name: "Mira" }, // the name exists
        { id: 8n, name: "Rigel" },
        { id: 9n, name: "Vega" },
        { id: 7n, name: "Spica" },
      ], { returning: ["name"] });
      assert.deepEqual(names(rows), ["Rigel", "Vega", "Spica"]);
    },
  ),
  behaviour(
    "bulkInsert with returning and onConflict: error returns all rows, or writes none",
    async (db) => {
      const options = { onConflict: "error", returning: ["id"] } as const;
      const { rows } = await db.query().bulkInsert(STARS, {
        model: Star,
        ...options,
      });
      assert.deepEqual(
        rows.map(({ id }) => id),
        STARS.map(({ id }) => id),
      );
      await assert.rejects(
        db.query(Star).bulkInsert([
          { id: 9n, name: "Vega" },
          { id: 1n, name: "Sirius" },
        ], options),
        DuplicateKeyError,
      );
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "bulkInsert and bulkUpsert with returning return rows of streams and of many batches in their order",
    async (db) => {
      // Neither ascending nor in the order of any batch.
      const ids = Array.from(
        { length: MANY },
        (_, index) => (index * 7_919) % MANY,
      );
      async function* tallies(level: number) {
        for (const id of ids) yield { id, total: BigInt(id), level };
      }
      const inserted = await db.query(Tally).bulkInsert(tallies(1), {
        returning: ["id", "total"],
      });
      assert.equal(inserted.inserted, MANY);
      assert.deepEqual(inserted.rows.map(({ id }) => id), ids);
      assert.ok(inserted.rows.every(({ id, total }) => total === BigInt(id)));
      const half = ids.filter((id) => id % 2 === 0);
      await db.query(Tally).updateAll({
        filterBy: { id: half },
        set: { level: 2 },
      });
      const { updated, rows } = await db.query(Tally).bulkUpsert(tallies(2), {
        returning: ["id", "level"],
      });
      assert.equal(updated, MANY - half.length);
      assert.deepEqual(
        rows.map(({ id, level }) => [id, level]),
        ids.filter((id) => id % 2 === 1).map((id) => [id, 2]),
      );
    },
  ),
  behaviour(
    "bulkUpsert with returning returns inserted and updated rows whole, and leaves out unchanged ones",
    async (db) => {
      await fillStars(db);
      const result = await db.query(Star).bulkUpsert([
        { id: 3n, name: "algol", visits: 2 },
        { id: 9n, name: "Vega", mag: 0.03 },
        { id: 2n, name: "Mira", visits: 3 }, // has these values
        { id: 1n, name: "Algol", mag: 2.2 },
      ], { returning: ["id", "mag", "visits", "status"] });
      assert.deepEqual({ ...result, rows: plain(result.rows) }, {
        inserted: 1,
        updated: 2,
        unchanged: 1,
        rows: [
          { id: 3n, mag: 2.12, visits: 2, status: "new" },
          { id: 9n, mag: 0.03, visits: null, status: "new" },
          { id: 1n, mag: 2.2, visits: 3, status: "old" },
        ],
      });
      assert.deepEqual(
        await db.query(Star).bulkUpsert([{ id: 2n, name: "Mira" }], {
          returning: ["id"],
        }),
        { inserted: 0, updated: 0, unchanged: 1, rows: [] },
      );
    },
  ),
  behaviour(
    "bulkUpsert with returning returns a row that is given several times once, as it was left",
    async (db) => {
      await fillStars(db);
      const { rows } = await db.query(Star).bulkUpsert([
        { id: 9n, name: "Vega", mag: 1 },
        { id: 1n, name: "Algol", mag: 3 },
        { id: 9n, name: "Vega", visits: 4 }, // other fields than the first one
        { id: 2n, name: "Mira", mag: 7 },
        { id: 1n, name: "Algol", visits: 8, flux: 0.25 },
        { id: 9n, name: "Vega", mag: 2 },
      ], { returning: ["id", "mag", "visits", "flux"] });
      assert.deepEqual(plain(rows), [
        { id: 9n, mag: 2, visits: 4, flux: null },
        { id: 1n, mag: 3, visits: 8, flux: 0.25 },
        { id: 2n, mag: 7, visits: 3, flux: null },
      ]);
    },
  ),
  behaviour(
    "bulkUpsert with returning returns what prefer, merge, update, and onUpdate leave",
    async (db) => {
      await db.query(Tally).bulkInsert([
        { id: 1, total: 5n, level: 5 },
        { id: 2, total: 5n, level: 5 },
        { id: 3, total: null, level: 5 },
      ]);
      const rows = [
        { id: 3, total: 1n, level: 6 },
        { id: 1, total: 9n, level: 4 },
        { id: 2, total: 2n, level: 9 },
      ];
      const returning = ["id", "total", "level"] as const;
      const preferred = await db.query(Tally).bulkUpsert(rows, {
        prefer: ["level"],
        update: ["total"],
        returning,
      });
      assert.deepEqual(plain(preferred.rows), [
        { id: 3, total: 1n, level: 6 },
        { id: 2, total: 2n, level: 9 },
      ]);
      const merged = await db.query(Tally).bulkUpsert([
        { id: 2, total: 3n, level: 9 },
        { id: 1, total: 1n, level: 9 },
        { id: 2, total: 4n, level: 1 },
      ], {
        merge: { total: "greatest", level: "least" },
        returning,
      });
      assert.deepEqual(plain(merged.rows), [{ id: 2, total: 4n, level: 1 }]);
      await db.query(Stamp).bulkInsert([{ id: 1, value: 1 }]);
      const stamps = await db.query(Stamp).bulkUpsert([{ id: 1, value: 2 }], {
        returning: ["touched"],
      });
      assert.ok((stamps.rows[0]?.touched ?? 0) > 0);
    },
  ),
  behaviour(
    "bulkUpsert with returning finds rows by another unique key, and by fields that are no unique key",
    async (db) => {
      await fillStars(db);
      const byName = await db.query(Star).bulkUpsert([
        { id: 77n, name: "Vega" },
        { id: 78n, name: "Mira", mag: 6 },
      ], { conflict: ["name"], update: ["mag"], returning: ["id", "mag"] });
      assert.deepEqual(plain(byName.rows), [
        { id: 77n, mag: null },
        { id: 2n, mag: 6 },
      ]);
      await db.query(Place).bulkInsert([
        { id: 1, part: 1, ra: 1, dec: 1 },
        { id: 2, part: 2, ra: 2, dec: 2 },
        { id: 3, part: 3, ra: 3, dec: 3 },
      ]);
      const byPart = await db.query(Place).bulkUpsert([
        { id: 9, part: 9, ra: 9, dec: 9 },
        { id: 8, part: 3, ra: 3, dec: 3 },
        { id: 7, part: 1, ra: 5, dec: 1 },
        { id: 9, part: 9, ra: 8, dec: 9 },
      ], {
        conflict: ["part"],
        update: ["ra", "dec"],
        returning: ["id", "ra"],
      });
      assert.deepEqual({ ...byPart, rows: plain(byPart.rows) }, {
        inserted: 1,
        updated: 1,
        unchanged: 2,
        rows: [{ id: 9, ra: 8 }, { id: 1, ra: 5 }],
      });
    },
  ),
  behaviour(
    "bulkUpdate with returning returns the updated rows in the given order, each once",
    async (db) => {
      await fillStars(db);
      const result = await db.query(Star).bulkUpdate([
        { id: 2n, visits: increment(1) },
        { id: 70n, visits: 1 },
        { id: 1n, mag: 3 },
        { id: 2n, mag: 6 },
        { id: 3n, visits: increment(2) },
      ], { returning: ["name", "visits", "mag"] });
      assert.deepEqual({ ...result, rows: plain(result.rows) }, {
        updated: 4,
        missing: 1,
        rows: [
          { name: "Mira", visits: 4, mag: 6 },
          { name: "Algol", visits: 3, mag: 3 },
          { name: "algol", visits: 3, mag: 2.12 },
        ],
      });
      const pairs = await db.query(Star).bulkUpdate([
        [{ visits: 3 }, { status: "seen" }],
        [{ name: "Nix" }, { status: "lost" }],
        [{ id: [3n, 2n] }, { mag: 1 }],
      ], { returning: ["id", "status", "mag"] });
      assert.deepEqual({ ...pairs, rows: plain(pairs.rows) }, {
        updated: 4,
        missing: 1,
        rows: [
          { id: 1n, status: "seen", mag: 3 },
          { id: 3n, status: "seen", mag: 1 },
          { id: 2n, status: "new", mag: 1 },
        ],
      });
      assert.deepEqual(
        await db.query().bulkUpdate([{ id: 70n, mag: 1 }], {
          model: Star,
          returning: ["id"],
        }),
        { updated: 0, missing: 1, rows: [] },
      );
    },
  ),
  behaviour(
    "bulkUpdate with returning returns the raised versions and what onUpdate sets",
    async (db) => {
      await db.query(Job).bulkInsert([{ id: 1 }, { id: 2 }]);
      const jobs = await db.query(Job).findAll({ orderBy: { id: "desc" } });
      const { rows } = await db.query(Job).bulkUpdate(
        jobs.map(({ id, version }) => ({ id, version, state: "taken" })),
        { returning: ["id", "version"] },
      );
      assert.deepEqual(plain(rows), [
        { id: 2, version: 2 },
        { id: 1, version: 2 },
      ]);
      await db.query(Sighting).bulkInsert([
        { star: 1n, night: 1, quality: 0 },
        { star: 1n, night: 2, quality: 0 },
      ]);
      const sightings = await db.query(Sighting).bulkUpdate([
        { star: 1n, night: 2, quality: 0.5 },
        { star: 1n, night: 1, quality: 1 },
      ], { returning: ["quality"] });
      assert.deepEqual(plain(sightings.rows), [
        { quality: 0.5 },
        { quality: 1 },
      ]);
    },
  ),
  behaviour(
    "bulk writes with returning take part in the transaction and its nested ones",
    async (db) => {
      await fillStars(db);
      const failure = new Error("undo");
      const returning = ["id", "mag"] as const;
      await db.transaction(async (tx) => {
        const first = await tx.query(Star).bulkInsert(
          [{ id: 9n, name: "Vega" }],
          { returning },
        );
        assert.deepEqual(plain(first.rows), [{ id: 9n, mag: null }]);
        const second = await tx.query(Star).bulkUpsert(
          [{ id: 9n, name: "Vega", mag: 1 }, { id: 1n, name: "Algol", mag: 2 }],
          { returning },
        );
        assert.deepEqual(plain(second.rows), [
          { id: 9n, mag: 1 },
          { id: 1n, mag: 2 },
        ]);
        await assert.rejects(
          tx.transaction(async (inner) => {
            const { rows } = await inner.query(Star).bulkUpdate(
              [{ id: 9n, mag: increment(1) }],
              { returning },
            );
            assert.deepEqual(plain(rows), [{ id: 9n, mag: 2 }]);
            throw failure;
          }),
          failure,
        );
      });
      const vega = await db.query(Star).findOne({ filterBy: { id: 9n } });
      assert.equal(vega?.mag, 1);
      assert.equal(await db.query(Star).count(), 6);
    },
  ),
  behaviour(
    "middleware sees bulk writes with returning, and its filter hides rows from bulkUpdate",
    async (db) => {
      await fillStars(db);
      const kinds: string[] = [];
      const view = db
        .use(
          rowFilter(({ name }) => name === "star" ? { visits: 3 } : undefined),
        )
        .use((statement, next) => {
          kinds.push(statement.kind);
          return next(statement);
        });
      const { rows, missing } = await view.query(Star).bulkUpdate([
        { id: 3n, status: "seen" },
        { id: 2n, status: "seen" },
      ], { returning: ["id", "status"] });
      assert.deepEqual(plain(rows), [{ id: 2n, status: "seen" }]);
      assert.equal(missing, 1);
      const inserted = await view.query(Star).bulkInsert(
        [{ id: 9n, name: "Vega" }],
        { returning: ["id"] },
      );
      assert.deepEqual(plain(inserted.rows), [{ id: 9n }]);
      assert.deepEqual(kinds, ["updateEachReturning", "insert"]);
      const withoutRows = db.use(async (statement, next) => {
        const outcome = await next(statement);
        return Object.assign({ ...Object(outcome) }, { rows: undefined });
      });
      await assert.rejects(
        withoutRows.query(Star).bulkInsert([{ id: 10n, name: "Spica" }], {
          returning: ["id"],
        }),
        /Cannot return rows of star: the engine or middleware returned none/,
      );
    },
  ),
  behaviour(
    "bulk writes with wrong fields to return throw, and write nothing",
    async (db) => {
      await fillStars(db);
      const row = { id: 1n, name: "Algol", mag: 9 };
      await refuseWrongReturning((returning) => [
        () =>
          db.query(Star).bulkInsert([{ id: 9n, name: "Vega" }], { returning }),
        () => db.query(Star).bulkUpsert([row], { returning }),
        () => db.query(Star).bulkUpdate([row], { returning }),
      ]);
      assert.equal(await db.query(Star).count({ filterBy: { mag: 9 } }), 0);
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
];
