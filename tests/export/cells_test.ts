// A HATS catalog: a folder with a Parquet file for each HEALPix cell.
import {
  type Connection,
  defineModel,
  healpixIndex,
  QueryError,
} from "@alerce/db-plugins";
import { exportRows } from "@alerce/db-plugins/export";
import { load } from "@alerce/db-plugins/load";
import assert from "node:assert/strict";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { z } from "zod";
import { memoryEngine } from "../memory/engine.ts";
import { namesIn } from "../support/names_in.ts";

const Source = defineModel("source", {
  fields: z.object({
    id: z.int32(),
    meanra: z.float64().nullable(),
    meandec: z.float64().nullable(),
    name: z.string().nullable(),
  }),
  primaryKey: ["id"],
  spatial: { ra: "meanra", dec: "meandec" },
});

/** Positions over the whole sky, among them the poles, edges, and several in one cell. */
const POSITIONS = [
  ...[[0, 90], [359.9, 90], [0, -90], [0, 0], [360, 0], [45, 41.8103148957786]],
  ...[[150.1, 2.2], [150.1001, 2.2], [150.1002, 2.1999]],
  ...Array.from({ length: 90 }, (_, at) => [
    at * 137.508 % 360,
    Math.asin(at / 45 - 1) * 180 / Math.PI,
  ]),
];

async function withSources(
  work: (db: Connection, folder: string) => Promise<void>,
): Promise<void> {
  await using db = await memoryEngine.open([Source]);
  await db.createDb();
  await db.query(Source).bulkInsert(
    POSITIONS.map(([meanra = 0, meandec = 0], id) => ({ id, meanra, meandec })),
  );
  const folder = await Deno.makeTempDir();
  try {
    await work(db, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("partitionBy healpix writes each row into the file of its cell, and load reads them back", async () => {
  await withSources(async (db, folder) => {
    for (const order of [0, 1, 5]) {
      const path = join(folder, `order${order}`);
      const report = await exportRows(db, Source, path, {
        partitionBy: { healpix: order },
      });
      assert.deepEqual([report.rows, report.format], [
        POSITIONS.length,
        "parquet",
      ]);
      assert.deepEqual(await namesIn(path), [
        ...["dataset", "hats.properties", "partition_info.csv", "properties"],
      ]);
      const expected = new Map<string, number>();
      for (const [ra = 0, dec = 0] of POSITIONS) {
        const cell = String(healpixIndex(ra, dec, order));
        expected.set(cell, (expected.get(cell) ?? 0) + 1);
      }
      const info = await Deno.readTextFile(join(path, "partition_info.csv"));
      const [header, ...lines] = info.trim().split("\n");
      assert.equal(header, "Norder,Npix,num_rows");
      assert.deepEqual(
        new Map(lines.map((line) => {
          const [norder, cell = "", rows] = line.split(",");
          assert.equal(norder, String(order));
          return [cell, Number(rows)];
        })),
        expected,
      );
      const before = await db.query(Source).findAll({ orderBy: { id: "asc" } });
      await db.query(Source).deleteAll({ filterBy: {}, all: true });
      for (const [cell, rows] of expected) {
        const dir = Math.floor(Number(cell) / 10_000) * 10_000;
        const loaded = await load(
          db,
          Source,
          join(path, `dataset/Norder=${order}/Dir=${dir}/Npix=${cell}.parquet`),
          { skip: ["_healpix_29"] },
        );
        assert.equal(loaded.inserted, rows);
      }
      const after = await db.query(Source).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(after, before);
    }
  });
});

Deno.test("a HATS catalog of many rows has each row once, in the order of its cells", async () => {
  await using db = await memoryEngine.open([Source]);
  await db.createDb();
  const count = 60_000;
  await db.query(Source).bulkInsert(
    Array.from({ length: count }, (_, id) => ({
      id,
      meanra: id * 137.508 % 360,
      meandec: Math.asin(2 * (id + 0.5) / count - 1) * 180 / Math.PI,
    })),
  );
  const folder = await Deno.makeTempDir();
  try {
    for (const order of [0, 2]) {
      const path = join(folder, `order${order}`);
      await exportRows(db, Source, path, {
        partitionBy: { healpix: order },
        select: ["id", "meanra", "meandec"],
      });
      const sizes: number[] = [];
      const found = new Uint8Array(count);
      for await (const file of glob(join(path, "dataset/**/*.parquet"))) {
        const [, cell = "-1"] = /Npix=(\d+)\.parquet$/.exec(file) ?? [];
        const rows = await parquetReadObjects({
          file: await asyncBufferFromFile(file),
        });
        for (const { id, meanra, meandec } of rows) {
          assert.equal(
            healpixIndex(meanra, meandec, order),
            BigInt(cell),
          );
          found[id] = (found[id] ?? 0) + 1;
        }
        // The cells of order 0 are written in several parts, each of them in order.
        if (order === 2) {
          const indexes = rows.map((row) => row["_healpix_29"]);
          assert.deepEqual(
            indexes,
            indexes.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0),
          );
        }
        sizes.push(rows.length);
      }
      assert.ok(found.every((times) => times === 1));
      const properties = await Deno.readTextFile(join(path, "properties"));
      assert.match(
        properties,
        new RegExp(`^hats_max_rows=${Math.max(...sizes)}$`, "m"),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a HATS catalog says how many rows it has, and where their positions are", async () => {
  await withSources(async (db, folder) => {
    const path = join(folder, "catalog");
    await exportRows(db, Source, path, {
      partitionBy: { healpix: 1 },
      filterBy: { id: { lt: 5 } },
      select: ["id"],
      limit: 3,
    });
    const text = await Deno.readTextFile(join(path, "properties"));
    for (
      const line of [
        ...["obs_collection=source", "dataproduct_type=object", "hats_nrows=3"],
        ...["hats_col_ra=meanra", "hats_col_dec=meandec", "hats_order=1"],
        ...["hats_col_healpix=_healpix_29", "hats_col_healpix_order=29"],
      ]
    ) assert.ok(text.split("\n").includes(line), line);
    assert.equal(
      text,
      await Deno.readTextFile(join(path, "hats.properties")),
    );
  });
});

Deno.test("partitionBy healpix refuses rows without a position, and other orders and formats, and writes nothing", async () => {
  await withSources(async (db, folder) => {
    const path = join(folder, "catalog");
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ partitionBy: { healpix: 11 } }, /a whole number from 0 to 10, got 11/],
      [{ partitionBy: { healpix: "5" } }, /from 0 to 10, got "5"/],
      [{ partitionBy: { healpx: 5 } }, /without healpx.*did you mean healpix/],
      [
        { partitionBy: { healpix: 5 }, orderBy: { id: "asc" } },
        /orders the rows by meandec, so that orderBy cannot be given/,
      ],
      [{ partitionBy: { healpix: 5 }, format: "csv" }, /healpix are Parquet/],
    ];
    const assertRefused = async (
      options: object,
      message: RegExp,
    ): Promise<void> => {
      await assert.rejects(
        exportRows(db, Source, path, options),
        (error) => error instanceof QueryError && message.test(error.message),
      );
      assert.deepEqual(await namesIn(folder), []);
    };
    for (const [options, message] of wrong) {
      await assertRefused(options, message);
    }
    const partitionBy = { healpix: 5 };
    await db.query(Source).bulkInsert([{ id: -1, meanra: 400, meandec: 1 }]);
    await assertRefused(
      { partitionBy },
      /a row has meanra 400 and meandec 1, which is no position/,
    );
    await db.query(Source).bulkInsert([{ id: -2, meanra: 4 }, { id: -3 }]);
    await assertRefused(
      { partitionBy },
      /2 rows have no position \(meanra, meandec\); leave .*\{"meanra":\{"ne":null\}\}/,
    );
    const report = await exportRows(db, Source, path, {
      partitionBy,
      filterBy: { id: { gte: 0 } },
    });
    assert.equal(report.rows, POSITIONS.length);
  });
});
