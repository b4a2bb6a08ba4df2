import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError } from "../errors.ts";
import type { OrderBy } from "../query/order.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, type SightingRow, Star } from "./models.ts";
import { fillStars } from "./stars.ts";

const NIGHTS = 23;

async function fillNights(db: Connection): Promise<void> {
  await db.query(Sighting).bulkInsert(
    Array.from({ length: NIGHTS }, (_, night) => ({
      star: 1n,
      night,
      mag: night % 4 === 0 ? null : night % 3,
      quality: (night % 2) / 2,
    })),
  );
}

/** Orders in which pages by key must meet every row once. */
const ORDERS: readonly OrderBy<SightingRow>[] = [
  {},
  { night: "desc" },
  { quality: "asc" },
  { mag: "asc" },
  { mag: "desc" },
  { mag: { direction: "asc", nulls: "first" } },
  { mag: { direction: "desc", nulls: "first" }, quality: "desc" },
  { quality: "desc", mag: "asc", night: "desc" },
];

/** One page at a time. */
export const pages: readonly Behaviour[] = [
  behaviour(
    "find gives the first page of ten, with all there is to know of it",
    async (db) => {
      await fillNights(db);
      const page = await db.query(Sighting).find();
      assert.deepEqual(page.items.map(({ night }) => night), [
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
      ]);
      assert.deepEqual(JSON.parse(JSON.stringify({ ...page, items: [] })), {
        items: [],
        page: 1,
        perPage: 10,
        total: NIGHTS,
        pages: 3,
        hasNext: true,
        hasPrev: false,
        nextNum: 2,
        prevNum: null,
      });
    },
  ),
  behaviour("the last page knows that it is", async (db) => {
    await fillNights(db);
    const page = await db.query(Sighting).paginate({ page: 3 });
    assert.equal(page.items.length, 3);
    assert.deepEqual([page.hasNext, page.hasPrev, page.nextNum, page.prevNum], [
      false,
      true,
      null,
      2,
    ]);
  }),
  behaviour("a full last page knows that it is", async (db) => {
    await fillNights(db);
    const page = await db.query(Sighting).find({
      filterBy: { night: { lt: 20 } },
      page: 2,
    });
    assert.deepEqual([page.items.length, page.hasNext, page.pages], [
      10,
      false,
      2,
    ]);
  }),
  behaviour(
    "next and prev keep every option, count and maxResults too",
    async (db) => {
      await fillNights(db);
      const first = await db.query(Sighting).find({
        perPage: 5,
        maxResults: 7,
        orderBy: { night: "desc" },
        select: ["night"],
      });
      const second = await first.next();
      assert.deepEqual(
        second.items.map((row) => ({ ...row })),
        [17, 16, 15, 14, 13].map((night) => ({ night })),
      );
      assert.deepEqual([
        second.page,
        second.total,
        second.pages,
        second.hasNext,
      ], [2, 7, 2, true]);
      assert.deepEqual((await second.prev()).items.map(({ night }) => night), [
        22,
        21,
        20,
        19,
        18,
      ]);
      const uncounted = await (await db.query(Sighting).find({ count: false }))
        .next();
      assert.equal(uncounted.total, undefined);
    },
  ),
  behaviour(
    "without a count there is no total, but hasNext is right",
    async (db) => {
      await fillNights(db);
      const page = await db.query(Sighting).find({ count: false, page: 2 });
      assert.deepEqual([page.total, page.pages, page.hasNext], [
        undefined,
        undefined,
        true,
      ]);
      assert.equal((await page.next()).hasNext, false);
    },
  ),
  behaviour("total stops at maxResults", async (db) => {
    await fillNights(db);
    const { total, pages } = await db.query(Sighting).find({ maxResults: 12 });
    assert.deepEqual([total, pages], [12, 2]);
  }),
  behaviour(
    "past the end there are no items; before page 1 is an error",
    async (db) => {
      await fillNights(db);
      const page = await db.query(Sighting).find({ page: 99 });
      assert.deepEqual([page.items, page.hasNext, page.total], [
        [],
        false,
        NIGHTS,
      ]);
      assert.deepEqual((await page.next()).items, []);
      await assert.rejects(
        (await db.query(Sighting).find()).prev(),
        QueryError,
      );
    },
  ),
  behaviour("page below 1 is 1, perPage 0 gives no items", async (db) => {
    await fillNights(db);
    assert.equal((await db.query(Sighting).find({ page: -3 })).page, 1);
    const none = await db.query(Sighting).find({ perPage: 0 });
    assert.deepEqual([none.items, none.pages, none.hasNext, none.total], [
      [],
      0,
      false,
      NIGHTS,
    ]);
  }),
  behaviour("a page that is no whole number is refused", async (db) => {
    for (
      const options of [{ perPage: -1 }, { perPage: 2.5 }, { page: 1.5 }, {
        page: NaN,
      }, { maxResults: -1 }]
    ) {
      await assert.rejects(
        db.query(Sighting).find(options),
        QueryError,
        JSON.stringify(options),
      );
    }
  }),
  behaviour("pages by key meet every row once, in every order", async (db) => {
    await fillNights(db);
    for (const orderBy of ORDERS) {
      const all = await db.query(Sighting).findAll({ orderBy, limit: NIGHTS });
      const met: number[] = [];
      let page = await db.query(Sighting).find({
        orderBy,
        perPage: 4,
        count: false,
      });
      for (;;) {
        met.push(...page.items.map(({ night }) => night));
        const after = page.items.at(-1);
        if (!page.hasNext || after === undefined) break;
        page = await db.query(Sighting).find({
          orderBy,
          perPage: 4,
          count: false,
          after,
        });
      }
      assert.deepEqual(
        met,
        all.map(({ night }) => night),
        JSON.stringify(orderBy),
      );
    }
  }),
  behaviour("next goes on by key where after began", async (db) => {
    await fillNights(db);
    const after = { star: 1n, night: 4 };
    const page = await db.query(Sighting).find({ after, perPage: 3 });
    assert.deepEqual(page.items.map(({ night }) => night), [5, 6, 7]);
    assert.deepEqual((await page.next()).items.map(({ night }) => night), [
      8,
      9,
      10,
    ]);
  }),
  behaviour("a row to page after must have the order's fields", async (db) => {
    await fillStars(db);
    await assert.rejects(
      db.query(Star).find({ after: { name: "Mira" } }),
      /it has no id/,
    );
  }),
];
