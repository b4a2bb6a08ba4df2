import assert from "node:assert/strict";
import type { OrderBy } from "../query/read/order.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, type SightingRow, Star } from "./models.ts";
import { fillNights, NIGHTS } from "./nights.ts";
import { fillStars } from "./stars.ts";

/** Orders in which pages by key must return every row once. */
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

/** Pages that start after a row: the `after` option. */
export const keyPages: readonly Behaviour[] = [
  behaviour(
    "pages by key return every row once, in every order",
    async (db) => {
      await fillNights(db);
      for (const orderBy of ORDERS) {
        const all = await db.query(Sighting).findAll({
          orderBy,
          limit: NIGHTS,
        });
        const nights: number[] = [];
        let page = await db.query(Sighting).find({
          orderBy,
          perPage: 4,
          count: false,
        });
        while (nights.length <= NIGHTS) {
          nights.push(...page.items.map(({ night }) => night));
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
          nights,
          all.map(({ night }) => night),
          JSON.stringify(orderBy),
        );
      }
    },
  ),
  behaviour(
    "next continues by key after a page that started with after",
    async (db) => {
      await fillNights(db);
      const after = { star: 1n, night: 4 };
      const page = await db.query(Sighting).find({ after, perPage: 3 });
      assert.deepEqual(page.items.map(({ night }) => night), [5, 6, 7]);
      assert.deepEqual((await page.next()).items.map(({ night }) => night), [
        8,
        9,
        10,
      ]);
    },
  ),
  behaviour(
    "pages by key continue after a row that went through JSON",
    async (db) => {
      await fillStars(db);
      for (const field of ["seen", "flux", "uid", "name"] as const) {
        for (const direction of ["asc", "desc"] as const) {
          const orderBy = { [field]: direction };
          const all = await db.query(Star).findAll({ orderBy });
          const ids: bigint[] = [];
          let after: object | undefined;
          for (const _ of all) {
            const { items } = await db.query(Star).find({
              orderBy,
              perPage: 1,
              count: false,
              ...after === undefined ? {} : { after },
            });
            ids.push(...items.map(({ id }) => id));
            after = JSON.parse(JSON.stringify(items[0]));
          }
          assert.deepEqual(
            ids,
            all.map(({ id }) => id),
            `${field} ${direction}`,
          );
        }
      }
      await assert.rejects(
        db.query(Star).find({ after: { id: null } }),
        /id of after is null/,
      );
    },
  ),
  behaviour("after without a field of the order is an error", async (db) => {
    await fillStars(db);
    await assert.rejects(
      db.query(Star).find({ after: { name: "Mira" } }),
      /it has no id/,
    );
  }),
];
