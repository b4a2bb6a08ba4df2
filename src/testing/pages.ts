import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { fillNights, NIGHTS } from "./nights.ts";
import { BIG, fillStars } from "./stars.ts";

/** `find`, `paginate` and their pages. */
export const pages: readonly Behaviour[] = [
  behaviour(
    "find returns the first page of ten rows, with its totals",
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
        cursor: page.cursor,
        previousCursor: page.previousCursor,
      });
    },
  ),
  behaviour("the last page has no next page", async (db) => {
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
  behaviour("a full last page has no next page", async (db) => {
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
    "next and prev keep every option, also count and maxResults",
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
    "count: false returns no total, but hasNext is correct",
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
    "a page after the last is empty, and prev of the first page is an error",
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
  behaviour(
    "a page below 1 is page 1, and perPage 0 returns no items",
    async (db) => {
      await fillNights(db);
      assert.equal((await db.query(Sighting).find({ page: -3 })).page, 1);
      const none = await db.query(Sighting).find({ perPage: 0 });
      assert.deepEqual([none.items, none.pages, none.hasNext, none.total], [
        [],
        0,
        false,
        NIGHTS,
      ]);
    },
  ),
  behaviour(
    "a page serialises to its data only, with exact integers",
    async (db) => {
      await fillStars(db);
      await db.query(Sighting).bulkInsert([
        { star: BIG, night: 1, quality: 1 },
      ]);
      const page = await db.query(Star).find({
        filterBy: { id: { gte: 3n } },
        select: ["id", "name"],
        include: ["sightings"],
        perPage: 5,
      });
      assert.deepEqual(JSON.parse(JSON.stringify(page)), {
        items: [
          { id: "3", name: "algol", sightings: [] },
          {
            id: String(BIG),
            name: "Deneb_100%",
            sightings: [{
              star: String(BIG),
              night: 1,
              mag: null,
              quality: 1,
            }],
          },
        ],
        page: 1,
        perPage: 5,
        total: 2,
        pages: 1,
        hasNext: false,
        hasPrev: false,
        nextNum: null,
        prevNum: null,
        cursor: page.cursor,
        previousCursor: page.previousCursor,
      });
      const uncounted = await db.query(Star).find({ count: false, perPage: 1 });
      assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(uncounted))), [
        "items",
        "page",
        "perPage",
        "hasNext",
        "hasPrev",
        "nextNum",
        "prevNum",
        "cursor",
        "previousCursor",
      ]);
    },
  ),
  behaviour(
    "next and prev keep the filter, the order and the relations",
    async (db) => {
      await fillStars(db);
      await db.query(Sighting).bulkInsert(
        [1n, 2n, 3n].map((star) => ({ star, night: 1, quality: 1 })),
      );
      const first = await db.query(Star).find({
        filterBy: { name: { ne: "Mira" } },
        orderBy: { mag: "desc" },
        include: ["sightings"],
        perPage: 1,
        maxResults: 2,
      });
      const second = await first.next();
      const previous = await (await second.next()).prev();
      for (const page of [second, previous]) {
        assert.deepEqual(
          page.items.map(({ name, sightings }) => [name, sightings.length]),
          [["algol", 1]],
        );
        assert.deepEqual([page.page, page.perPage, page.total], [2, 1, 2]);
      }
    },
  ),
  behaviour("the page with the greatest safe number is empty", async (db) => {
    await fillNights(db);
    const page = await db.query(Sighting).find({
      page: Number.MAX_SAFE_INTEGER,
      perPage: Number.MAX_SAFE_INTEGER,
    });
    assert.deepEqual([page.items, page.hasNext], [[], false]);
  }),
  behaviour(
    "page, perPage and maxResults must be whole numbers",
    async (db) => {
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
    },
  ),
];
