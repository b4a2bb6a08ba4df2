import assert from "node:assert/strict";
import {
  DbPluginsError,
  DuplicateKeyError,
  QueryError,
} from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import type { FullFilter } from "../query/filter/filter.ts";
import type { Middleware } from "../query/middleware/middleware.ts";
import type { Condition } from "../query/statement/condition.ts";
import type { Statement } from "../query/statement/statement.ts";
import { createWriter } from "../writer/writer.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { softDelete, visible } from "./suite_middleware.ts";
import { fillStars } from "./stars.ts";

const ORDER = { orderBy: { id: "asc" } } as const;

async function statuses(db: Pick<Connection, "query">): Promise<string[]> {
  const rows = await db.query(Star).findAll(ORDER);
  return rows.map(({ id, status }) => `${id} ${status}`);
}

/** Copies a condition, as middleware can make one. */
function copied(condition: Condition): Condition {
  switch (condition.kind) {
    case "and":
    case "or":
      return { ...condition, terms: condition.terms.map(copied) };
    case "not":
      return { ...condition, term: copied(condition.term) };
    case "related":
      return { ...condition, where: copied(condition.where) };
    case "in":
      return { ...condition, values: [...condition.values] };
    default:
      return { ...condition };
  }
}

/** `use` and `rowFilter`. */
export const middleware: readonly Behaviour[] = [
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
    "middleware cannot change the statement that it received",
    async (db) => {
      await fillStars(db);
      const attempts: readonly ((statement: Statement) => unknown)[] = [
        (statement) => Reflect.set(statement, "kind", "delete"),
        ...[
          ["where"],
          ["where", "terms"],
          ["where", "terms", "0"],
          ["where", "terms", "0", "values"],
          ["where", "terms", "1", "term"],
          ["where", "terms", "2", "term", "where"],
          ["order"],
          ["order", "0"],
        ].map((path) => (statement: Statement) => {
          const part = path.reduce<unknown>(
            (part, name) => Reflect.get(Object(part), name),
            statement,
          );
          assert.ok(typeof part === "object" && part !== null, path.join("."));
          return Reflect.set(part, Object.keys(part)[0] ?? "0", undefined);
        }),
      ];
      const changed: boolean[] = [];
      const attempting: Middleware = (statement, next) => {
        for (const attempt of attempts) {
          changed.push(Boolean(attempt(statement)));
        }
        return next(statement);
      };
      const copying: Middleware = (statement, next) =>
        next(
          statement.kind === "find"
            ? { ...statement, where: copied(statement.where) }
            : statement,
        );
      const filterBy: FullFilter<typeof Star> = {
        visits: [0, 3],
        not: { mag: { gt: 5 } },
        sightings: { none: { night: 1 } },
      };
      for (
        const view of [db.use(attempting), db.use(copying).use(attempting)]
      ) {
        changed.length = 0;
        const rows = await view.query(Star).findAll({ filterBy, ...ORDER });
        assert.deepEqual(rows.map(({ id }) => id), [-5n, 1n]);
        assert.deepEqual(changed, attempts.map(() => false));
      }
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
