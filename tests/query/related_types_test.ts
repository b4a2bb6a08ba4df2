// Relations between fields of different types have the same rows in filters, include, counts, and graphs, on every engine.
import {
  type Connection,
  defineModel,
  int16,
  QueryError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";

const many = (field: string, other: string) =>
  ({ kind: "many", model: "thing", on: { [field]: other } }) as const;

const Thing = defineModel("thing", {
  fields: z.object({
    id: z.int64(),
    tiny: int16().nullable(),
    small: z.int32().nullable(),
    real: z.float32().nullable(),
    mag: z.float64().nullable(),
    name: z.string().nullable(),
    uid: z.uuid().nullable(),
    band: z.enum(["g", "r"]).nullable().meta({ sqlType: "band" }),
    seen: z.date().nullable(),
  }),
  primaryKey: ["id"],
  relations: {
    tiny_id: many("tiny", "id"),
    id_tiny: many("id", "tiny"),
    mag_tiny: many("mag", "tiny"),
    small_tiny: many("small", "tiny"),
    small_id: many("small", "id"),
    id_small: many("id", "small"),
    mag_small: many("mag", "small"),
    small_mag: many("small", "mag"),
    mag_real: many("mag", "real"),
    real_mag: many("real", "mag"),
    name_uid: many("name", "uid"),
    uid_name: many("uid", "name"),
    name_band: many("name", "band"),
    band_name: many("band", "name"),
    id_mag: many("id", "mag"),
    mag_id: many("mag", "id"),
    seen_name: many("seen", "name"),
  },
});
const UID = "0b0c0ffe-0000-4000-8000-000000000001";
const ROWS = [
  { id: 1n, tiny: 2, small: 2, real: 0.5, mag: 2, name: UID, uid: UID },
  {
    id: 2n,
    tiny: 1,
    small: 1,
    real: 0.1,
    mag: 0.1,
    name: "g",
    band: "r" as const,
  },
  {
    id: 3n,
    tiny: 3,
    small: 40_000,
    mag: 0.5,
    name: UID.toUpperCase(),
    band: "g" as const,
  },
  { id: 2n ** 53n + 1n, small: -1, mag: 2 ** 53, name: "no UUID" },
  { id: 2n ** 40n, mag: 2 ** 40 },
];

/** The rows that are related by each relation, as pairs of their positions. */
const RELATED = {
  tiny_id: [[0, 1], [1, 0], [2, 2]],
  id_tiny: [[0, 1], [1, 0], [2, 2]],
  mag_tiny: [[0, 0]],
  small_tiny: [[0, 0], [1, 1]],
  small_id: [[0, 1], [1, 0]],
  id_small: [[0, 1], [1, 0]],
  mag_small: [[0, 0]],
  small_mag: [[0, 0]],
  mag_real: [[2, 0]],
  real_mag: [[0, 2]],
  name_uid: [[0, 0]],
  uid_name: [[0, 0]],
  name_band: [[1, 2]],
  band_name: [[2, 1]],
} as const;

const position = (id: unknown): number =>
  ROWS.findIndex((row) => row.id === id);

onEveryEngine(
  "fields of different types relate the same rows",
  async (databases) => {
    const every = (db: Connection) => db.query(Thing);
    await Promise.all(databases.map((db) => every(db).bulkInsert(ROWS)));
    for (const [name, expected] of Object.entries(RELATED)) {
      const some: object = { [name]: { some: {} } };
      const firsts = expected.map(([first]) => first);
      const pairs = (options: object) =>
        oneAnswer(databases, async (db) =>
          (await every(db).findAll({
            ...options,
            select: ["id"],
            orderBy: { small: "desc" },
          })).flatMap((row) =>
            [Reflect.get(row, name)].flat().map((other) => [
              position(row.id),
              position(Reflect.get(Object(other), "id")),
            ])
          ).toSorted());
      assert.deepEqual(
        await pairs({ include: { [name]: { select: ["id"] } } }),
        expected,
        name,
      );
      assert.deepEqual(
        await pairs({ include: { [name]: { select: ["id"], limit: 1 } } }),
        expected,
        name,
      );
      for (const filterBy of [some, { ...some, id: ROWS.map((r) => r.id) }]) {
        const found = await oneAnswer(
          databases,
          async (db) =>
            (await every(db).findAll({ filterBy })).map(({ id }) =>
              position(id)
            ).toSorted(),
        );
        assert.deepEqual(found, firsts, name);
      }
      const counted = await oneAnswer(databases, async (db) => {
        const options: object = { counts: [name] };
        return (await every(db).findAll(options)).map((row) => [
          position(row.id),
          Reflect.get(Object(Reflect.get(row, "counts")), name),
        ]).filter(([, count]) => count > 0).toSorted();
      });
      assert.deepEqual(counted, firsts.map((first) => [first, 1]), name);
    }
    const small = await oneAnswer(databases, async (db) => {
      const row = { id: 7n, id_small: [{ id: 8n }] };
      const { id_small: [child] = [] } = await every(db).insertGraph(row);
      return Reflect.get(Object(child), "small");
    });
    assert.equal(small, 7);
  },
  [Thing],
);

onEveryEngine(
  "a relation of types that no engine compares, or not all in the same way, is refused",
  async (databases) => {
    for (const name of ["id_mag", "mag_id", "seen_name"]) {
      for (
        const options of [
          { filterBy: { [name]: { some: {} } } },
          { include: [name] },
          { counts: [name] },
        ]
      ) {
        await Promise.all(databases.map((db) =>
          assert.rejects(
            async () => await db.query(Thing).findAll(options as object),
            (error) =>
              error instanceof QueryError &&
              /no relation compares these types/.test(error.message),
          )
        ));
      }
    }
  },
  [Thing],
);
