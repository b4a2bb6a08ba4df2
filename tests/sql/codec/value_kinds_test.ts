// Values that JavaScript has no plain form for come back as they were stored, on every path that writes and reads.
import {
  bytes,
  defineModel,
  SchemaError,
  SQLConnection,
  ValidationError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { sql } from "kysely";
import { z } from "zod";
import { test } from "../../support/connected.ts";
import { everyPostgres, hostileEngine } from "../../support/engines.ts";

const micros = (sqlType: string) => z.int64().nullable().meta({ sqlType });
const time = (sqlType: string) => z.date().nullable().meta({ sqlType });
const Exact = defineModel("exact", {
  fields: z.object({
    id: z.int32(),
    at: micros("timestamptz"),
    utc: micros("timestamp"),
    ats: z.array(z.int64()).nullable().meta({ sqlType: "timestamptz[]" }),
    day: time("date"),
    seen: time("timestamptz"),
    plain: time("timestamp"),
    days: z.array(z.date()).nullable().meta({ sqlType: "date[]" }),
    image: bytes().meta({ description: "a cutout" }).nullable(),
    images: z.array(bytes().nullable()).nullable(),
    notes: z.unknown().nullable(),
    text: z.unknown().nullable().meta({ sqlType: "json" }),
    flux: z.float64().nullable().meta({ nan: "keep" }),
  }),
  primaryKey: ["id"],
});
const Narrow = defineModel("narrow", {
  fields: z.object({
    id: z.int32(),
    double: z.float64().nullable().meta({ sqlType: "numeric" }),
    whole: z.float64().nullable().meta({ sqlType: "bigint" }),
    single: z.float32().nullable().meta({ sqlType: "double precision" }),
    // The driver does not know the binary format of an array of a user's enum.
    bands: z.array(z.string()).nullable().meta({ sqlType: "text[]" }),
  }),
  primaryKey: ["id"],
});
const Stamp = defineModel("stamp", {
  fields: z.object({ hash: bytes(), at: micros("timestamptz") }),
  primaryKey: ["hash"],
});
const INFINITE = 2n ** 63n - 1n;
const FOREVER = new Date(8.64e15);
const NEVER = new Date(-8.64e15);
const TIME = 1_704_067_200_123_456n;

const ROWS = [
  {
    at: TIME,
    utc: TIME + 1n,
    ats: [TIME, -INFINITE - 1n, -1n],
    day: FOREVER,
    seen: NEVER,
    plain: FOREVER,
    days: [NEVER, new Date("2018-06-01"), FOREVER],
    image: Uint8Array.of(0, 31, 139, 255),
    images: [Uint8Array.of(), null, Uint8Array.of(92, 34)],
    notes: {
      candid: 9_007_199_254_740_993n,
      far: -(2n ** 70n),
      list: [2n ** 63n, 1, 0.1, 1e300, -0.5, "9007199254740993"],
    },
    text: [9_007_199_254_740_993n, { a: 9_007_199_254_740_992n }],
    flux: NaN,
  },
  {
    at: INFINITE,
    utc: -INFINITE - 1n,
    ats: [],
    day: NEVER,
    seen: FOREVER,
    plain: NEVER,
    days: [],
    image: Uint8Array.of(),
    images: [],
    notes: 12_345_678_901_234_567_890n,
    text: "9007199254740993",
    flux: -Infinity,
  },
];

for (const { name, open } of [...everyPostgres, hostileEngine]) {
  test(`${name}: exact times, infinities, bytes and JSON come back as they were stored`, async () => {
    const db = await open([Exact, Stamp]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const query = db.query(Exact);
    const [first, second] = ROWS;
    assert.ok(first && second);
    const row = (id: number) => ({ id, ...(id % 2 === 0 ? first : second) });
    await query.bulkInsert([row(0), row(1)]);
    // Enough rows for COPY.
    await query.bulkInsert(
      Array.from({ length: 1500 }, (_, index) => row(index + 10)),
    );
    await query.bulkUpsert([row(1), row(2), row(3)]);
    await query.getOrCreate({ filterBy: { id: 4 }, ...row(4) });
    await query.insert(row(5));
    await query.bulkInsert([{ id: 6 }, { id: 7 }, { id: 8 }, { id: 9 }]);
    await query.bulkUpdate([row(6), row(7)]);
    await query.updateAll({ filterBy: { id: 8 }, set: first });
    const ninth = await query.findOne({ filterBy: { id: 9 } });
    assert.ok(ninth);
    query.update(ninth, second);
    await db.session.commit();
    const plain = (rows: readonly object[]) => rows.map((row) => ({ ...row }));
    const expected = Array.from({ length: 1510 }, (_, id) => row(id));
    const order = { orderBy: { id: "asc" } } as const;
    assert.deepEqual(plain(await query.findAll(order)), expected);
    assert.deepEqual(
      plain(await Array.fromAsync(query.stream({ ...order, batchSize: 99 }))),
      expected,
    );
    assert.deepEqual(
      plain(await query.kysely.orderBy("id").execute()),
      expected,
    );
    assert.deepEqual(
      { ...(await query.getOrCreate({ filterBy: { id: 4 } }))[0] },
      row(4),
    );
    // What was read is written back unchanged.
    const few = await query.findAll({ ...order, limit: 4 });
    // A json column has no equality: it always counts as changed.
    const comparable = few.map(({ text: _, ...row }) => row);
    assert.deepEqual(await query.bulkUpsert(comparable), {
      inserted: 0,
      updated: 0,
      unchanged: 4,
    });
    for (
      const filterBy of [
        { at: TIME },
        { utc: { lte: TIME + 1n, gt: TIME } },
        { at: { in: [TIME, 0n] } },
        { at: { lt: INFINITE } },
        { ats: { contains: -INFINITE - 1n } },
        { ats: { eq: first.ats } },
        { day: FOREVER },
        { day: { gt: new Date("2018-06-01") } },
        { seen: { lt: new Date(0) } },
        { seen: { in: [NEVER] } },
        { plain: { gte: FOREVER } },
        { days: { contains: new Date("2018-06-01") } },
        { image: first.image },
        { image: { in: [first.image, Uint8Array.of(7)] } },
        { image: { gt: Uint8Array.of() } },
        { notes: { eq: first.notes } },
      ]
    ) {
      assert.equal(
        await query.count({ filterBy }),
        755,
        Deno.inspect(filterBy),
      );
    }
    const [native] = await db.kysely.selectFrom("exact").select("image")
      .where("id", "=", 0).execute();
    assert.deepEqual({ ...native }, { image: first.image });
    const stamps = db.query(Stamp);
    const hashes = Array.from(
      { length: 9 },
      (_, n) => Uint8Array.of(n * 30, 1),
    );
    await stamps.bulkInsert(hashes.map((hash, n) => ({ hash, at: BigInt(n) })));
    await stamps.bulkUpsert([
      { hash: Uint8Array.of(0, 1), at: INFINITE },
      { hash: Uint8Array.of(0, 1), at: INFINITE },
    ]);
    assert.equal(await stamps.count(), 9);
    const page = await stamps.find({ orderBy: { hash: "desc" }, perPage: 5 });
    const next = await stamps.find({
      orderBy: { hash: "desc" },
      perPage: 5,
      after: page.items.at(-1) ?? {},
    });
    assert.deepEqual(
      [...page.items, ...next.items].map(({ hash }) => hash),
      hashes.toReversed(),
    );
    assert.deepEqual(
      await stamps.bulkUpdate([{ hash: Uint8Array.of(0, 1), at: -1n }]),
      { updated: 1, missing: 0 },
    );
    assert.equal(
      (await stamps.findOne({ filterBy: { hash: Uint8Array.of(0, 1) } }))?.at,
      -1n,
    );
    await db.dropDb();
    await db.close();
  });

  test(`${name}: a stored value that JavaScript cannot represent is an error with its key and advice`, async () => {
    const db = await open([Exact]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const query = db.query(Exact);
    await query.bulkInsert([{ id: 7 }]);
    for (
      const [field, text, message] of [
        [
          "seen",
          "294276-12-31 00:00:00+00",
          /beyond the range of a Date.*z\.int64\(\) or z\.string\(\)/,
        ],
        ["day", "5874897-12-31", /beyond the range of a Date/],
        [
          "at",
          "294276-12-31 00:00:00+00",
          /beyond 64 bits in microseconds.*z\.string\(\)/,
        ],
        [
          "notes",
          "[1, 0.1000000000000000055511151231257827]",
          /contains the number 0\.1000.*which a double cannot represent.*sqlType: "jsonb"/,
        ],
        ["text", "[1e400]", /contains the number 1e400/],
        ["images", "[0:0]={a}", /begins at index 0/],
        ["days", "{{2018-06-01},{2018-06-02}}", /2 dimensions/],
        ["days", "{NULL}", /item 0 is null.*declare the items as nullable/],
      ] as const
    ) {
      const update = db.kysely.updateTable("exact").set({
        [field]: sql`${text}::text::${sql.raw(TYPES[field])}`,
      });
      await update.execute();
      const reads = [
        () => query.findAll(),
        () => query.findOne({ filterBy: { id: 7 } }),
        () => query.getOrCreate({ filterBy: { id: 7 } }),
        () => Array.fromAsync(query.stream()),
      ];
      for (const read of reads) {
        {
          await assert.rejects(read(), (error) => {
            assert.ok(error instanceof SchemaError, String(error));
            assert.ok(
              error.message.startsWith(
                `Cannot read exact with id 7: ${field} `,
              ),
            );
            assert.match(error.message, message);
            return true;
          });
        }
      }
      await db.kysely.updateTable("exact").set({ [field]: null }).execute();
    }
    await assert.rejects(
      query.bulkInsert([{ id: 8, at: -(2n ** 62n) }]),
      (error) => error instanceof ValidationError && /4714/.test(error.message),
    );
    await db.dropDb();
    await db.close();
  });

  test(`${name}: a stored value beyond the type of its field is an error with its key and advice`, async () => {
    const db = await open([Narrow]);
    assert.ok(db instanceof SQLConnection);
    await db.createDb();
    const query = db.query(Narrow);
    await query.bulkInsert([{ id: 7 }]);
    const { schema } = (await db.sql<
      { schema: string }
    >`select relnamespace::regnamespace::text as schema from pg_class where relname = 'narrow' order by oid desc limit 1`)[
      0
    ] ?? { schema: "" };
    const band = `${schema}.band`;
    await db.sql`create type ${sql.raw(band)} as enum ('g', 'r')`;
    await db.sql`alter table ${
      sql.raw(`${schema}.narrow`)
    } alter column bands type ${sql.raw(`${band}[]`)} using null`;
    for (
      const [field, text, type, message] of [
        [
          "double",
          "-1e400",
          "numeric",
          /beyond the range of a double.*numeric/,
        ],
        ["whole", "9007199254740993", "bigint", /cannot represent.*z\.int64/],
        [
          "single",
          "1e300",
          "float8",
          /beyond the range of a single.*z\.float64/,
        ],
        ["bands", "{g,NULL}", `${band}[]`, /item 1 is null.*nullable/],
        ["bands", "{{g},{r}}", `${band}[]`, /several dimensions.*z\.string/],
        [
          "bands",
          "[0:0]={g}",
          `${band}[]`,
          /does not begin at index 1.*z\.string/,
        ],
      ] as const
    ) {
      await db.kysely.updateTable("narrow").set({
        [field]: sql`${text}::text::${sql.raw(type)}`,
      }).execute();
      for (
        const read of [
          () => query.findAll(),
          () => query.getOrCreate({ filterBy: { id: 7 } }),
          () => Array.fromAsync(query.stream()),
        ]
      ) {
        await assert.rejects(read(), (error) => {
          assert.ok(error instanceof SchemaError, String(error));
          assert.ok(
            error.message.startsWith(`Cannot read narrow with id 7: ${field} `),
            error.message,
          );
          assert.match(error.message, message);
          return true;
        });
      }
      await db.kysely.updateTable("narrow").set({ [field]: null }).execute();
    }
    await db.dropDb();
    await db.sql`drop type ${sql.raw(band)}`;
    await db.close();
  });
}

const TYPES = {
  seen: "timestamptz",
  day: "date",
  at: "timestamptz",
  notes: "jsonb",
  text: "json",
  images: "bytea[]",
  days: "date[]",
};
