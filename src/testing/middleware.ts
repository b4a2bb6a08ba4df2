import assert from "node:assert/strict";
import {
  DbPluginsError,
  DuplicateKeyError,
  QueryError,
  StaleRowError,
} from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import type { ConnectionView } from "../connection/connection_view.ts";
import type { Middleware } from "../query/middleware/middleware.ts";
import { rowFilter } from "../query/middleware/row_filter.ts";
import { createWriter } from "../writer/writer.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { fillStars, names } from "./stars.ts";

const ORDER = { orderBy: { id: "asc" } } as const;

/** Hides stars whose status is `gone`. */
const visible: Middleware = rowFilter((model) =>
  model.name === "star" ? { status: { ne: "gone" } } : undefined
);

/** Marks stars in place of deleting them. */
const softDelete: Middleware = (statement, next) => {
  const status = statement.model.byName.get("status");
  if (statement.kind !== "delete" || status === undefined) {
    return next(statement);
  }
  const { model, where } = statement;
  const set = new Map([[status, "gone"]]);
  return next({ kind: "update", model, where, set, operations: new Map() });
};

/** Writes stars, of which Mira (2) and algol (3) are hidden, with sightings. Returns a view without them. */
async function withHidden(db: Connection): Promise<ConnectionView> {
  await fillStars(db);
  await db.query(Star).updateAll({
    filterBy: { id: [2n, 3n] },
    set: { status: "gone" },
  });
  await db.query(Sighting).bulkInsert([
    { star: 1n, night: 1, quality: 1 },
    { star: 2n, night: 1, quality: 1 },
  ]);
  return db.use(visible);
}

async function statuses(db: Pick<Connection, "query">): Promise<string[]> {
  const rows = await db.query(Star).findAll(ORDER);
  return rows.map(({ id, status }) => `${id} ${status}`);
}

/** `use` and `rowFilter`. */
export const middleware: readonly Behaviour[] = [
  behaviour(
    "a filter of middleware hides rows from every read, and from no other user of the connection",
    async (db) => {
      const view = await withHidden(db);
      const stars = view.query(Star);
      const shown = ["Ω Cen", "Algol", "Deneb_100%"];
      assert.deepEqual(names(await stars.findAll(ORDER)), shown);
      const page = await stars.find({ ...ORDER, perPage: 2 });
      assert.equal(page.total, 3);
      assert.deepEqual(names((await page.next()).items), shown.slice(2));
      assert.equal(await stars.findOne({ filterBy: { id: 2n } }), null);
      assert.equal(
        await stars.first({ filterBy: { or: [{ id: 2n }, { id: 3n }] } }),
        null,
      );
      assert.equal(await stars.count(), 3);
      assert.equal(await stars.checkExists({ filterBy: { id: 3n } }), false);
      assert.equal((await stars.countBy("visits")).get(3), 1);
      assert.deepEqual(await stars.distinct("status"), ["old", "new"].sort());
      assert.deepEqual(await stars.aggregate({ count: true }), [{ count: 3 }]);
      const streamed = await Array.fromAsync(stars.stream(ORDER));
      assert.deepEqual(names(streamed), shown);
      assert.equal(
        await view.query().count({ model: Star, timeout: 60_000 }),
        3,
      );
      assert.equal(await db.query(Star).count(), 5);
      assert.equal(await db.use(softDelete).query(Star).count(), 5);
    },
  ),
  behaviour(
    "a filter of middleware hides rows of relations, loaded and in filters",
    async (db) => {
      const view = await withHidden(db);
      const sightings = await view.query(Sighting).findAll({
        orderBy: { star: "asc" },
        include: ["star_row"],
      });
      assert.deepEqual(
        sightings.map(({ star_row }) => star_row?.name),
        ["Algol", undefined],
      );
      const seen = (filterBy: object) =>
        view.query(Sighting).count({ filterBy });
      assert.equal(await seen({ star_row: { is: {} } }), 1);
      assert.equal(await seen({ star_row: { is: null } }), 1);
      assert.equal(await seen({ not: { star_row: { is: { id: 2n } } } }), 2);
      assert.equal(
        await db.query(Sighting).count({
          filterBy: { star_row: { is: {} } } as object,
        }),
        2,
      );
    },
  ),
  behaviour(
    "a filter of middleware hides rows of relations that are limited or counted",
    async (db) => {
      await fillStars(db);
      await db.query(Sighting).bulkInsert(
        [1, 2, 3, 4].map((night) => ({ star: 1n, night, quality: 1 })),
      );
      const view = db.use(
        rowFilter((model) =>
          model.name === "sighting" ? { night: { notIn: [1, 4] } } : undefined
        ),
      );
      const [star] = await view.query(Star).findAll({
        filterBy: { id: 1n },
        include: {
          sightings: { orderBy: { night: "desc" }, limit: 1 },
        },
        counts: ["sightings"],
      });
      assert.deepEqual(star?.sightings.map(({ night }) => night), [3]);
      assert.equal(star?.counts.sightings, 2);
    },
  ),
  behaviour(
    "a filter of middleware protects hidden rows from every update and delete",
    async (db) => {
      const view = await withHidden(db);
      const stars = view.query(Star);
      const all = { filterBy: {} };
      assert.equal(await stars.updateAll({ ...all, set: { visits: 7 } }), 3);
      assert.deepEqual(
        await stars.bulkUpdate([
          { id: 1n, visits: 8 },
          { id: 2n, visits: 8 },
          [{ id: 3n }, { visits: 8 }] as never,
        ]),
        { updated: 1, missing: 2 },
      );
      assert.equal(await stars.deleteAll({ filterBy: { id: [2n, -5n] } }), 1);
      assert.equal(
        await view.transaction(async (tx) => {
          await tx.transaction((inner) =>
            inner.query(Star).updateAll({ ...all, set: { visits: 9 } })
          );
          return await tx.query(Star).deleteAll({ ...all, all: true });
        }),
        2,
      );
      const rest = await db.query(Star).findAll(ORDER);
      assert.deepEqual(rest.map(({ id, visits }) => [id, visits]), [
        [2n, 3],
        [3n, 1],
      ]);
    },
  ),
  behaviour(
    "a session of middleware finds hidden rows stale, and writes the others",
    async (db) => {
      const view = await withHidden(db);
      const [one, two] = await db.query(Star).findAll({
        ...ORDER,
        filterBy: { id: [1n, 2n] },
      });
      assert.ok(one && two);
      view.query(Star).update(one, { visits: 11 });
      assert.deepEqual(await view.session.commit(), { updated: 1, deleted: 0 });
      for (const mark of ["update", "delete"] as const) {
        await view.withSession(async (session) => {
          view.query(Star).update(one, { visits: 12 });
          if (mark === "delete") view.query(Star).delete(two);
          else view.query(Star).update(two, { visits: 12 });
          await assert.rejects(session.commit(), StaleRowError);
        });
      }
      const rows = await db.query(Star).findAll({
        ...ORDER,
        filterBy: { id: [1n, 2n] },
      });
      assert.deepEqual(rows.map(({ visits }) => visits), [11, 3]);
      assert.notEqual(view.session, db.session);
    },
  ),
  behaviour(
    "getOrCreate through a filter of middleware never returns a hidden row",
    async (db) => {
      const view = await withHidden(db);
      const stars = view.query(Star);
      await assert.rejects(
        stars.getOrCreate({ filterBy: { id: 2n }, name: "other" }),
        DuplicateKeyError,
      );
      const [found, isNew] = await stars.getOrCreate({
        filterBy: { id: 1n },
        name: "x",
      });
      assert.deepEqual([found.name, isNew], ["Algol", false]);
      const [, isCreated] = await stars.getOrCreate({
        filterBy: { id: 70n },
        name: "Vega",
      });
      assert.ok(isCreated);
    },
  ),
  behaviour(
    "middleware can pass another statement: a delete that marks rows",
    async (db) => {
      await fillStars(db);
      const view = db.use(softDelete).use(visible);
      assert.equal(
        await view.query(Star).deleteAll({ filterBy: { id: [1n, 2n] } }),
        2,
      );
      assert.equal(
        await view.query(Star).deleteAll({ filterBy: { id: 2n } }),
        0,
      );
      const star = await view.query(Star).findOne({ filterBy: { id: 3n } });
      assert.ok(star);
      view.query(Star).delete(star);
      assert.deepEqual(await view.session.commit(), { updated: 0, deleted: 1 });
      assert.equal(await view.query(Star).count(), 2);
      assert.deepEqual((await statuses(db)).slice(0, 4), [
        "-5 new",
        "1 gone",
        "2 gone",
        "3 gone",
      ]);
    },
  ),
  behaviour(
    "several middleware run in the order in which they were added, and can change outcomes",
    async (db) => {
      await fillStars(db);
      const order: string[] = [];
      const named =
        (name: string, add: number): Middleware => async (statement, next) => {
          order.push(name);
          const outcome = await next(statement);
          order.push(`/${name}`);
          return statement.kind === "count" ? Number(outcome) + add : outcome;
        };
      const first = db.use(named("a", 10));
      const both = first.use(named("b", 100));
      assert.equal(await both.query(Star).count(), 115);
      assert.deepEqual(order, ["a", "b", "/b", "/a"]);
      assert.equal(await first.query(Star).count(), 15);
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "middleware cannot change a statement in place",
    async (db) => {
      const view = db.use((statement, next) => {
        const untyped = Object(statement);
        assert.throws(() => untyped.limit = 1, TypeError);
        assert.throws(() => untyped.where.terms.push(1), TypeError);
        assert.throws(() => untyped.where.terms[0].value = 1, TypeError);
        assert.throws(() => untyped.fields.pop(), TypeError);
        return next(statement);
      });
      await view.query(Star).findAll({ filterBy: { id: 1n, name: "x" } });
    },
  ),
  behaviour(
    "an error of middleware is the error of the call, and nothing is sent before next",
    async (db) => {
      await fillStars(db);
      const view = db.use(() => Promise.reject(new RangeError("no")));
      const stars = view.query(Star);
      const calls: readonly (() => Promise<unknown>)[] = [
        () => stars.findAll(),
        () => Array.fromAsync(stars.stream()),
        () => stars.insert({ id: 70n, name: "Vega" }),
        () => stars.bulkInsert([{ id: 70n, name: "Vega" }]),
        () => stars.deleteAll({ filterBy: {}, all: true }),
        () => stars.bulkUpdate([{ id: 1n, visits: 5 }]),
        () => view.transaction((tx) => tx.query(Star).count()),
      ];
      for (const call of calls) await assert.rejects(call, /^RangeError: no$/);
      const thrown = db.use(() => {
        throw new RangeError("at once");
      });
      await assert.rejects(thrown.query(Star).count(), /at once/);
      assert.deepEqual(await statuses(db), [
        "-5 new",
        "1 old",
        "2 new",
        "3 new",
        "9007199254740993 new",
      ]);
    },
  ),
  behaviour(
    "middleware that does not call next exactly once, or returns no outcome, is refused",
    async (db) => {
      await fillStars(db);
      const untyped = (value: unknown): never => value as never;
      const WRONG: readonly (readonly [Middleware, RegExp])[] = [
        [() => Promise.resolve(5), /it returned without calling next/],
        [
          async (statement, next) => {
            await next(statement);
            return await next(statement);
          },
          /it called next twice/,
        ],
        [
          async (statement, next) => {
            const outcome = await next(statement);
            await next(statement).catch(() => {});
            return outcome;
          },
          /it called next twice/,
        ],
        [(_, next) => next(untyped(undefined)), /without a statement/],
        [
          (statement, next) => next(untyped({ ...statement, kind: "drop" })),
          /without a statement/,
        ],
        [
          async (statement, next) => {
            await next(statement);
          },
          /got undefined; is return missing before next\(statement\)\?/,
        ],
        [
          async (statement, next) => {
            await next(statement);
            return "5";
          },
          /it must return .*, got 5/,
        ],
      ];
      for (const [wrong, message] of WRONG) {
        const stars = db.use(wrong).query(Star);
        const refused = (error: unknown) => {
          assert.ok(error instanceof QueryError, String(error));
          assert.match(error.message, message);
          return true;
        };
        await assert.rejects(stars.count(), refused);
        await assert.rejects(
          stars.updateAll({
            filterBy: { id: 1n },
            set: { visits: 50 },
          }),
          refused,
        );
        await assert.rejects(Array.fromAsync(stars.stream()), refused);
      }
      assert.throws(() => db.use(untyped({})), QueryError);
      assert.throws(() => db.use(visible).use(untyped(0)), QueryError);
    },
  ),
  behaviour(
    "the error of middleware after a write says that the write was applied",
    async (db) => {
      await fillStars(db);
      const late = db.use(async (statement, next) => {
        await next(statement);
        throw new QueryError("late");
      });
      const write = (of: Pick<Connection, "query">) =>
        of.query(Star).updateAll({ filterBy: { id: 1n }, set: { visits: 60 } });
      await assert.rejects(
        write(late),
        (error) =>
          error instanceof DbPluginsError && error.outcome === "applied",
      );
      await assert.rejects(
        late.transaction((tx) => write(tx)),
        (error) =>
          error instanceof DbPluginsError && error.outcome === "not applied",
      );
    },
  ),
  behaviour(
    "a call fails with the error of its statement, also if middleware ignores it",
    async (db) => {
      await fillStars(db);
      const view = db.use(async (statement, next) => {
        next(statement).catch(() => {});
        await Promise.resolve();
        return { inserted: 1, ignored: 0 };
      });
      await assert.rejects(
        view.query(Star).bulkInsert([{ id: 1n, name: "x" }], {
          onConflict: "error",
        }),
        DuplicateKeyError,
      );
    },
  ),
  behaviour(
    "middleware of a stream ends with the stream",
    async (db) => {
      await fillStars(db);
      const events: string[] = [];
      const view = db.use(async (statement, next) => {
        events.push("begin");
        try {
          return await next(statement);
        } finally {
          events.push("end");
        }
      });
      let rows = 0;
      for await (const _ of view.query(Star).stream({ batchSize: 1 })) {
        rows++;
        assert.deepEqual(events, ["begin"]);
      }
      assert.equal(rows, 5);
      assert.deepEqual(events, ["begin", "end"]);
      for await (const _ of view.query(Star).stream({ batchSize: 1 })) break;
      assert.equal(events.length, 4);
      const inside = await view.transaction(async (tx) =>
        (await Array.fromAsync(tx.query(Star).stream({ timeout: 60_000 })))
          .length
      );
      assert.equal(inside, 5);
    },
  ),
  behaviour(
    "native queries and writers of a connection with middleware",
    async (db) => {
      await fillStars(db);
      const kinds: string[] = [];
      const view = db.use((statement, next) => {
        kinds.push(statement.kind);
        return next(statement);
      });
      assert.throws(() => view.query(Star).kysely, QueryError);
      await using writer = createWriter(view);
      writer.insert(Sighting, [{ star: 1n, night: 1, quality: 1 }]);
      writer.upsert(Star, [{ id: 1n, visits: 5 }]);
      assert.equal((await writer.flush()).updated, 1);
      assert.deepEqual(kinds, ["insert", "upsert"]);
    },
  ),
];
