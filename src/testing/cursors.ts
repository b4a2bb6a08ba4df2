import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Connection } from "../connection/connection.ts";
import { QueryError } from "../base/errors/mod.ts";
import { exactDate } from "../model/exact_date.ts";
import type { FullFilter } from "../query/filter/filter.ts";
import type { OrderBy } from "../query/read/order.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Place, Sighting, Star, type StarRow } from "./models.ts";
import { fillNights, NIGHTS } from "./nights.ts";
import { fillStars, names, plain } from "./stars.ts";

type StarFilter = FullFilter<typeof Star, typeof Star | typeof Sighting>;

/** Orders by every type of field that has one, in both directions and with both positions of null. */
const ORDERS: readonly OrderBy<StarRow>[] = [
  "id",
  "name",
  "mag",
  "flux",
  "visits",
  "variable",
  "seen",
  "labels",
  "kind",
  "uid",
  "status",
].flatMap((field) => [
  { [field]: "asc" },
  { [field]: { direction: "desc", nulls: "first" } },
]);

/** Reads all pages from the first to the last and back, through JSON as a web API would. */
async function assertWalk(
  db: Connection,
  orderBy: OrderBy<StarRow>,
): Promise<void> {
  const query = db.query(Star);
  const filterBy = { name: { ne: "nobody" } };
  const options = { filterBy, orderBy, perPage: 2 };
  const all = plain(await query.findAll({ filterBy, orderBy }));
  const label = JSON.stringify(orderBy);
  const pages: object[][] = [];
  let page = await query.find(options);
  for (let at = 0; at < all.length; at++) {
    pages.push(plain(page.items));
    assert.equal(page.hasPrev, pages.length > 1, label);
    assert.equal(page.total, all.length);
    assert.match(page.cursor ?? "", /^[\w-]+$/);
    if (!page.hasNext) break;
    const { cursor } = JSON.parse(JSON.stringify(page));
    page = await query.find({ ...options, cursor });
  }
  assert.deepEqual(pages.flat(), all, label);
  for (const expected of pages.toReversed().slice(1)) {
    const { previousCursor } = JSON.parse(JSON.stringify(page));
    page = await query.find({ ...options, cursor: previousCursor });
    assert.deepEqual(plain(page.items), expected, label);
    assert.equal(page.hasNext, true);
    assert.equal(page.hasPrev, expected !== pages[0], label);
  }
}

/** Pairs of filters that differ in one part. */
const UNEQUAL: readonly (readonly [StarFilter, StarFilter])[] = [
  [{ name: { like: "a%" } }, { name: { ilike: "a%" } }],
  [{ name: { like: "a%" } }, { name: { like: "%a" } }],
  [{ visits: 1 }, { visits: { ne: 1 } }],
  [{ visits: 1 }, { mag: 1 }],
  [{ visits: null }, { visits: { ne: null } }],
  [{ visits: [1, 2] }, { visits: [1, 3] }],
  [{ or: [{ visits: 1 }, { mag: 1 }] }, { visits: 1, mag: 1 }],
  [{ labels: { contains: ["a", "b"] } }, {
    labels: { containsAny: ["a", "b"] },
  }],
  [{ labels: ["a", "b"] }, { labels: ["b", "a"] }],
  [{ notes: { path: ["a"], eq: 1 } }, { notes: { path: ["b"], eq: 1 } }],
  [{ notes: { path: ["0"], eq: 1 } }, { notes: { path: [0], eq: 1 } }],
  [{ notes: { path: ["a"], eq: 1 } }, { notes: { path: ["a"], eq: "1" } }],
  [{ notes: { path: ["a"], gt: 1 } }, { notes: { path: ["a"], lt: 1 } }],
  [{ seen: new Date(0) }, { seen: new Date(1) }],
  [{ seen: new Date(0) }, { seen: exactDate(0, 1) }],
  [{ mag: { gt: 0 } }, { mag: { gt: -0 } }],
  [{ sightings: { some: {} } }, { sightings: { none: {} } }],
  [{ sightings: { some: { night: 1 } } }, {
    sightings: { some: { night: 2 } },
  }],
];

/** Returns a text with the checksum of a cursor, which anyone can compute. */
function forged(text: string): string {
  const checksum = createHash("sha256").update(text).digest("base64url");
  return text + checksum.slice(0, 16);
}

/** Pages by `cursor`. */
export const cursors: readonly Behaviour[] = [
  behaviour(
    "pages by cursor return every row once, forwards and backwards, in orders of every type",
    async (db) => {
      await fillStars(db);
      for (const orderBy of ORDERS) await assertWalk(db, orderBy);
    },
  ),
  behaviour(
    "next and prev continue from a page that was read with a cursor",
    async (db) => {
      await fillNights(db);
      const query = db.query(Sighting);
      const options = {
        orderBy: { night: "desc" },
        perPage: 4,
        count: false,
      } as const;
      const first = await query.find(options);
      const second = await query.find({
        ...options,
        ...(first.cursor === undefined ? {} : { cursor: first.cursor }),
      });
      const third = await second.next();
      const nightsOf = ({ items }: typeof first) =>
        items.map(({ night }) => night);
      const expected = (await query.findAll({
        orderBy: { night: "desc" },
        limit: NIGHTS,
      })).map(({ night }) => night);
      assert.deepEqual(
        [first, second, third].flatMap(nightsOf),
        expected.slice(0, 12),
      );
      assert.deepEqual(nightsOf(await third.prev()), nightsOf(second));
      const back = await (await third.prev()).prev();
      assert.deepEqual(nightsOf(back), nightsOf(first));
      assert.equal(back.hasPrev, false);
      await assert.rejects(back.prev(), QueryError);
      assert.deepEqual(nightsOf(await back.next()), nightsOf(second));
    },
  ),
  behaviour(
    "a cursor works with selected fields, related filters and includes, and continues after its row was deleted",
    async (db) => {
      await fillStars(db);
      await db.query(Sighting).bulkInsert([
        { star: 1n, night: 1, quality: 1 },
        { star: 2n, night: 1, quality: 1 },
        { star: 3n, night: 1, quality: 1 },
      ]);
      const options = {
        filterBy: { sightings: { some: { night: 1 } } },
        orderBy: { mag: "desc", name: "asc" },
        select: ["visits"],
        include: ["sightings"],
        perPage: 1,
      } as const;
      const query = db.query(Star);
      const first = await query.find({ ...options, perPage: 2 });
      assert.deepEqual(first.items.map((row) => Object.keys(row).sort()), [
        ["sightings", "visits"],
        ["sightings", "visits"],
      ]);
      await query.deleteAll({ filterBy: { id: 1n } });
      const cursor = first.cursor ?? "";
      const next = await query.find({ ...options, cursor });
      assert.deepEqual(next.items.map(({ visits }) => visits), [1]);
      assert.equal(next.items[0]?.sightings.length, 1);
      assert.equal(next.hasNext, false);
      const before = await query.find({
        ...options,
        cursor: first.previousCursor ?? "",
      });
      const behind = await next.next();
      for (const empty of [behind, before]) {
        assert.deepEqual(empty.items, []);
        assert.equal(empty.cursor, undefined);
        assert.equal(empty.previousCursor, undefined);
      }
    },
  ),
  behaviour(
    "a forged cursor whose values do not fit the order throws a QueryError",
    async (db) => {
      await fillStars(db);
      const query = db.query(Star);
      const options = { orderBy: { seen: "asc" }, perPage: 1 } as const;
      const { cursor = "" } = await query.find(options);
      const alphabet = { alphabet: "base64url", omitPadding: true } as const;
      const content: unknown[] = JSON.parse(
        new TextDecoder().decode(
          Uint8Array.fromBase64(cursor.slice(0, -16), alphabet),
        ),
      );
      for (
        const values of [
          [],
          [1e99, "1"],
          ["today", "1"],
          [[0, 1e9], "1"],
          [{}, "1"],
          [0, null],
          [0, "1e3"],
          [0, "99999999999999999999"],
        ]
      ) {
        const text = JSON.stringify([...content.slice(0, -1), values]);
        const encoded = new TextEncoder().encode(text).toBase64(alphabet);
        await assert.rejects(
          query.find({ ...options, cursor: forged(encoded) }),
          (error) =>
            error instanceof QueryError && error.field === "cursor" &&
            /its values do not fit/.test(error.message),
          text,
        );
      }
    },
  ),
  behaviour(
    "an empty page by cursor turns back to the rows beside it",
    async (db) => {
      await fillStars(db);
      const query = db.query(Star);
      for (const orderBy of [{ mag: "desc" }, { mag: "asc" }] as const) {
        const options = { orderBy, perPage: 2 };
        const rows = plain(await query.findAll({ orderBy }));
        const first = await query.find(options);
        const before = await query.find({
          ...options,
          cursor: first.previousCursor ?? "",
        });
        assert.deepEqual([before.hasNext, before.hasPrev], [true, false]);
        await assert.rejects(before.prev(), QueryError);
        const again = await before.next();
        assert.deepEqual(plain(again.items), rows.slice(0, 2));
        assert.deepEqual([again.hasNext, again.hasPrev], [true, false]);
        assert.deepEqual(
          plain((await again.next()).items),
          rows.slice(2, 4),
        );
        const all = await query.find({ ...options, perPage: 5 });
        const behind = await query.find({
          ...options,
          cursor: all.cursor ?? "",
        });
        assert.deepEqual([behind.hasNext, behind.hasPrev], [false, true]);
        assert.deepEqual((await behind.next()).items, []);
        const last = await behind.prev();
        assert.deepEqual(plain(last.items), rows.slice(3));
        assert.deepEqual([last.hasNext, last.hasPrev], [false, true]);
        assert.deepEqual(plain((await last.prev()).items), rows.slice(1, 3));
        assert.deepEqual(
          plain((await (await behind.next()).prev()).items),
          rows.slice(3),
        );
      }
    },
  ),
  behaviour(
    "a cursor accepts the same filter with its parts in another order",
    async (db) => {
      await fillStars(db);
      const query = db.query(Star);
      const { cursor = "" } = await query.find({
        filterBy: { visits: [3, 1], or: [{ mag: 2.12 }, { mag: 6.5 }] },
        perPage: 1,
      });
      const next = await query.find({
        filterBy: { or: [{ mag: 6.5 }, { mag: 2.12 }], visits: [1, 3] },
        cursor,
      });
      assert.deepEqual(names(next.items), ["Mira", "algol"]);
    },
  ),
  behaviour(
    "a cursor of a filter that differs in one part throws a QueryError",
    async (db) => {
      await fillStars(db);
      const cursorOf = async (filterBy: StarFilter): Promise<string> => {
        const page = await db.query(Star).find({
          orderBy: { id: "asc" },
          perPage: 1,
          filterBy: { or: [{}, filterBy] },
        });
        return page.cursor ?? "";
      };
      for (const [one, other] of UNEQUAL) {
        const cursor = await cursorOf(one);
        const read = (filterBy: StarFilter) =>
          db.query(Star).find({
            orderBy: { id: "asc" },
            filterBy: { or: [{}, filterBy] },
            cursor,
          });
        assert.equal((await read(one)).items.length, 4);
        await assert.rejects(read(other), /with another filter/);
      }
      const places = db.query(Place);
      await places.bulkInsert([{ id: 1, ra: 10, dec: 10, part: 1 }]);
      const near = { ra: 10, dec: 10, radius: 5 };
      const page = await places.find({ filterBy: { near } });
      await assert.rejects(
        places.find({
          filterBy: { near: { ...near, radius: 6 } },
          cursor: page.cursor ?? "",
        }),
        /with another filter/,
      );
    },
  ),
  behaviour(
    "a cut, changed or foreign cursor throws a QueryError that names the problem",
    async (db) => {
      await fillStars(db);
      const query = db.query(Star);
      const options = {
        filterBy: { visits: { gte: 0 } },
        orderBy: { mag: "desc" },
        perPage: 1,
      } as const;
      const { cursor = "", items: [row] } = await query.find(options);
      const middle = cursor.length >> 1;
      const other = cursor[middle] === "A" ? "B" : "A";
      const wrong: readonly (readonly [object, RegExp])[] = [
        [{ ...options, cursor: cursor.slice(0, -1) }, /was cut or changed/],
        [{ ...options, cursor: cursor.slice(1) }, /was cut or changed/],
        [
          {
            ...options,
            cursor: cursor.slice(0, middle) + other + cursor.slice(middle + 1),
          },
          /was cut or changed/,
        ],
        [{ ...options, cursor: "" }, /was cut or changed/],
        [{ ...options, cursor: "x".repeat(40) }, /was cut or changed/],
        [{ ...options, cursor: forged("!") }, /another version/],
        [{ ...options, cursor: forged("e3s") }, /another version/],
        [{ ...options, cursor: 3 }, /must be a text/],
        [{ ...options, cursor: null }, /must be a text/],
        [
          { ...options, orderBy: { mag: "asc" }, cursor },
          /in the order mag desc nulls last, id asc nulls last; pass the same orderBy/,
        ],
        [{ ...options, filterBy: { visits: { gte: 1 } }, cursor }, /filterBy/],
        [{ ...options, filterBy: undefined, cursor }, /filterBy/],
        [{ ...options, cursor, after: row }, /either cursor or after/],
      ];
      for (const [given, message] of wrong) {
        await assert.rejects(
          async () => await query.find(given),
          (error) => {
            assert.ok(error instanceof QueryError, String(error));
            assert.match(error.message, message);
            assert.equal(error.field, "cursor");
            return true;
          },
        );
      }
      await assert.rejects(
        db.query(Sighting).find({ cursor }),
        /it belongs to a page of star/,
      );
    },
  ),
];
