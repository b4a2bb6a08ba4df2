import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import {
  DuplicateKeyError,
  LimitError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";

/** `insertGraph`. */
export const insertGraph: readonly Behaviour[] = [
  behaviour(
    "insertGraph inserts a row with its related rows, which get its key, and returns them as they are stored",
    async (db) => {
      const star = await db.query(Star).insertGraph({
        id: 1n,
        name: "Mira",
        sightings: [
          { night: 2, quality: 0.5 },
          { night: 1, quality: 1, mag: 3.5, star: 1n },
        ],
      });
      assert.equal(star.status, "new");
      assert.equal(String(star), "<Star(id=1)>");
      const stored = { star: 1n, mag: null, quality: 0.5 };
      assert.deepEqual(star.sightings?.map((row) => ({ ...row })), [
        { ...stored, night: 2 },
        { ...stored, night: 1, mag: 3.5, quality: 1 },
      ]);
      const found = await db.query(Star).findOne({
        filterBy: { id: 1n },
        include: ["sightings"],
      });
      assert.deepEqual(found?.sightings.map(({ night }) => night), [1, 2]);
      const none = await db.query(Star).insertGraph({
        id: 2n,
        name: "Vega",
        sightings: [],
      });
      assert.deepEqual(none.sightings, []);
      const alone = await db.query(Star).insertGraph({ id: 3n, name: "Ross" });
      assert.ok(!("sightings" in alone));
    },
  ),
  behaviour(
    "insertGraph inserts the row of a to-one relation first, at any depth",
    async (db) => {
      const star: object = {
        id: 5n,
        name: "Spica",
        sightings: [{ night: 8, quality: 1 }],
      };
      const sighting = await db.query(Sighting).insertGraph({
        night: 7,
        quality: 0.25,
        star_row: star,
        of_star: [{ night: 9, quality: 1 }],
      });
      assert.equal(sighting.star, 5n);
      assert.equal(sighting.star_row?.name, "Spica");
      const rows = await db.query(Sighting).findAll({
        orderBy: { night: "asc" },
      });
      assert.deepEqual(
        rows.map(({ star, night }) => [star, night]),
        [[5n, 7], [5n, 8], [5n, 9]],
      );
      const lone = await db.query(Sighting).insertGraph({
        star: 5n,
        night: 10,
        quality: 1,
        star_row: null,
      });
      assert.equal(lone.star_row, null);
    },
  ),
  behaviour(
    "insertGraph writes nothing if a row is invalid, contradicts another, or has an unknown name",
    async (db) => {
      const graph = (sighting: object, star: object = {}): never =>
        ({
          id: 1n,
          name: "Mira",
          sightings: [{ night: 1, quality: 1 }, sighting],
          ...star,
        }) as never;
      const refusals: readonly (readonly [
        never,
        RegExp,
        typeof QueryError | typeof ValidationError,
      ])[] = [
        [
          graph({ night: 2, quality: 2 }),
          /sightings\[1\]\.quality/,
          ValidationError,
        ],
        [
          graph({ quality: 1 }),
          /sightings\[1\]\.night is required/,
          ValidationError,
        ],
        [
          graph({ night: 2, quality: 1, star: 2n }),
          /Cannot insert sightings\[1\]: star is 2, but id of the star that it refers to is 1; leave star out/,
          QueryError,
        ],
        [
          graph({ nigth: 2, quality: 1 }),
          /Cannot insert sightings\[1\]: nigth is not a field or relation of sighting; did you mean night/,
          QueryError,
        ],
        [
          graph({ night: 2, quality: 1, star_rwo: {} }),
          /star_rwo is not a field or relation of sighting; did you mean star_row/,
          QueryError,
        ],
        [graph({}, { sighting: [] }), /did you mean sightings/, QueryError],
        [
          graph({}, { sightings: { night: 1 } }),
          /Cannot insert sightings: it must be an array of rows of sighting/,
          QueryError,
        ],
        [
          graph({ night: 2, quality: 1, star_row: [] }),
          /Cannot insert sightings\[1\]\.star_row: it must be a row of star/,
          QueryError,
        ],
        [
          graph({}, { sightings: [5] }),
          /Cannot insert sightings\[0\]: a row must be an object/,
          QueryError,
        ],
        [[] as never, /a row must be an object/, QueryError],
        [graph({}, { id: undefined }), /id is required/, ValidationError],
      ];
      for (const [row, message, type] of refusals) {
        await assert.rejects(
          db.query(Star).insertGraph(row),
          (error) => error instanceof type && message.test(error.message),
          `${message}`,
        );
      }
      const circle: Record<string, unknown> = {
        night: 1,
        quality: 1,
        star: 1n,
      };
      circle.of_star = [circle];
      await assert.rejects(
        db.query(Sighting).insertGraph(circle as never),
        LimitError,
      );
      await assertEmpty(db);
    },
  ),
  behaviour(
    "insertGraph writes all rows or none, also in the transaction of the caller",
    async (db) => {
      const rows = [{ night: 1, quality: 1 }, { night: 1, quality: 0.5 }];
      const write = (to: Pick<Connection, "query">) =>
        to.query(Star).insertGraph({ id: 1n, name: "Mira", sightings: rows });
      await assert.rejects(
        write(db),
        (error) =>
          error instanceof DuplicateKeyError && error.outcome === "not applied",
      );
      await assertEmpty(db);
      await assert.rejects(
        db.transaction(async (tx) => {
          await tx.query(Star).insertGraph({
            id: 2n,
            name: "Vega",
            sightings: [{ night: 1, quality: 1 }],
          });
          assert.equal(await tx.query(Sighting).count(), 1);
          throw new Error("undo");
        }),
        /undo/,
      );
      await assertEmpty(db);
      const star = await db.query().insertGraph({
        model: Star,
        id: 3n,
        name: "Ross",
        sightings: [{ night: 3, quality: 1 }],
      });
      assert.equal(star.sightings?.length, 1);
    },
  ),
];

async function assertEmpty(db: Connection): Promise<void> {
  assert.equal(await db.query(Star).count(), 0);
  assert.equal(await db.query(Sighting).count(), 0);
}
