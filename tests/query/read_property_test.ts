// Random queries on random rows return the same results on every engine.
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { filter, order, property, stars } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine, refill } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const question = fc.record({
  filterBy: filter,
  orderBy: order,
  page: fc.integer({ min: 1, max: 4 }),
  perPage: fc.integer({ min: 0, max: 5 }),
  maxResults: fc.integer({ min: 0, max: 9 }),
  limit: fc.integer({ min: 0, max: 6 }),
  offset: fc.integer({ min: 0, max: 4 }),
});
const questions = fc.array(question, {
  minLength: 1,
  maxLength: 12,
  size: "max",
});

onEveryEngine(
  "random filters, orders and pages give the same rows in the same order, and the same counts",
  async (databases) => {
    await property(
      12 * ROUNDS,
      fc.tuple(stars, questions),
      async ([rows, requested]) => {
        await refill(databases, rows);
        for (
          const { filterBy, orderBy, limit, offset, ...paging } of requested
        ) {
          await oneAnswer(databases, async (db) => {
            const query = db.query(Star);
            const all = await query.findAll({ filterBy, orderBy });
            const count = await query.count({ filterBy });
            assert.equal(count, all.length);
            assert.equal(await query.checkExists({ filterBy }), count > 0);
            assert.deepEqual(
              await query.findAll({ filterBy, orderBy, limit, offset }),
              all.slice(offset, offset + limit),
            );
            const page = await query.find({ filterBy, orderBy, ...paging });
            // PostgreSQL knows the microseconds of a time, and its cursors hold them.
            const { cursor: _, previousCursor: __, ...rest } = page;
            return [
              all.map((row) => ({ ...row })),
              JSON.parse(JSON.stringify(rest)),
            ];
          });
        }
      },
    );
  },
);

onEveryEngine(
  "pages by key return each row of a random filter and order once",
  async (databases) => {
    const requested = fc.tuple(stars, filter, order);
    await property(7 * ROUNDS, requested, async ([rows, filterBy, orderBy]) => {
      await refill(databases, rows);
      await oneAnswer(databases, async (db) => {
        const query = db.query(Star);
        const all = await query.findAll({ filterBy, orderBy });
        const met: object[] = [];
        const options = { filterBy, orderBy, perPage: 3, count: false };
        let page = await query.find(options);
        while (met.length <= all.length) {
          met.push(...page.items);
          const after = page.items.at(-1);
          if (!page.hasNext || after === undefined) break;
          page = await query.find({ ...options, after });
        }
        assert.deepEqual(met, all);
        const byCursor: object[] = [];
        page = await query.find(options);
        while (byCursor.length <= all.length) {
          byCursor.push(...page.items);
          const { cursor } = page;
          if (!page.hasNext || cursor === undefined) break;
          page = await query.find({ ...options, cursor });
        }
        assert.deepEqual(byCursor, all);
        const back: object[] = [...page.items];
        while (page.previousCursor !== undefined && page.hasPrev) {
          page = await query.find({ ...options, cursor: page.previousCursor });
          back.unshift(...page.items);
        }
        assert.deepEqual(back, all);
        return all.length;
      });
    });
  },
);

onEveryEngine(
  "updateAll and deleteAll affect exactly the rows that a random filter matches",
  async (databases) => {
    const requested = fc.tuple(stars, filter, filter);
    const set = { visits: 7, labels: ["x"], notes: [1] };
    await property(7 * ROUNDS, requested, async ([rows, changing, going]) => {
      await refill(databases, rows);
      await oneAnswer(databases, async (db) => {
        const query = db.query(Star);
        const some = await query.count({ filterBy: changing });
        assert.equal(await query.updateAll({ filterBy: changing, set }), some);
        const last = await query.count({ filterBy: going });
        assert.equal(
          await query.deleteAll({ filterBy: going, all: true }),
          last,
        );
        const rest = await query.findAll({ orderBy: { id: "asc" } });
        return rest.map((row) => ({ ...row }));
      });
    });
  },
);
