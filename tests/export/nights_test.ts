// A folder with a file for each night.
import { FileError, QueryError } from "@alerce/db-plugins";
import { exportRows } from "@alerce/db-plugins/export";
import { load } from "@alerce/db-plugins/load";
import assert from "node:assert/strict";
import { join } from "node:path";
import { SUITE_MODELS, Tally } from "../../src/testing/models.ts";
import type { Connection } from "../../src/connection/connection.ts";
import { memoryEngine } from "../memory/engine.ts";
import { namesIn } from "../support/names_in.ts";

const LEVELS = [58_000.9, 58_001, 57_999.5, null, 58_000.1, -0.5, NaN];

async function withLevels(
  work: (db: Connection, folder: string) => Promise<void>,
): Promise<void> {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  await db.query(Tally).bulkInsert(
    LEVELS.map((level, id) => ({ id, level, total: BigInt(id) })),
  );
  const folder = await Deno.makeTempDir();
  try {
    await work(db, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("partitionBy writes a file for each night, which load reads back", async () => {
  await withLevels(async (db, folder) => {
    const path = join(folder, "nights");
    const report = await exportRows(db, Tally, path, {
      partitionBy: { night: "level" },
    });
    assert.deepEqual([report.rows, report.format], [7, "parquet"]);
    const nights = await namesIn(path);
    assert.deepEqual(nights, [
      "level_night=-1",
      "level_night=57999",
      "level_night=58000",
      "level_night=58001",
      "level_night=__HIVE_DEFAULT_PARTITION__",
    ]);
    const rows = () => db.query(Tally).findAll({ orderBy: { id: "asc" } });
    const before = await rows();
    await db.query(Tally).deleteAll({ filterBy: {}, all: true });
    for (const night of nights) {
      await load(db, Tally, join(path, night, "rows.parquet"));
    }
    assert.deepEqual(await rows(), before);
    assert.deepEqual(await namesIn(folder), ["nights"]);
    // In this order NaN is first, and null last.
    const descending = join(folder, "descending");
    await exportRows(db, Tally, descending, {
      partitionBy: { night: "level" },
      orderBy: { level: "desc" },
      format: "csv",
    });
    assert.deepEqual(await namesIn(descending), nights);
    assert.deepEqual(
      await namesIn(join(descending, "level_night=__HIVE_DEFAULT_PARTITION__")),
      ["rows.csv", "rows_2.csv"],
    );
  });
});

Deno.test("partitionBy keeps the filter, the selected fields, the format and the limit", async () => {
  await withLevels(async (db, folder) => {
    const path = join(folder, "nights/");
    const { rows } = await exportRows(db, Tally, path, {
      partitionBy: { night: "level" },
      filterBy: { level: { gte: 50_000 } },
      select: ["id"],
      format: "csv",
      limit: 2,
    });
    assert.equal(rows, 2);
    assert.deepEqual(await namesIn(path), [
      "level_night=57999",
      "level_night=58000",
    ]);
    assert.equal(
      await Deno.readTextFile(join(path, "level_night=58000", "rows.csv")),
      "id\n4\n",
    );
  });
});

Deno.test("partitionBy refuses existing folders, streams and other fields, and removes what it wrote", async () => {
  await withLevels(async (db, folder) => {
    const path = join(folder, "nights");
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{ night: "levle" }, /the field levle, .*did you mean level\?/],
      [{ night: "total" }, /total is not a float/],
      [{ day: "level" }, /partitionBy must be \{ night: field \}/],
      [{ healpix: 5 }, /requires a model with a position/],
      [{ night: "level", healpix: 5 }, /partitionBy must be/],
    ];
    for (const [partitionBy, message] of wrong) {
      await assert.rejects(
        exportRows(db, Tally, path, { partitionBy } as object),
        (error) => error instanceof QueryError && message.test(error.message),
      );
    }
    const partitionBy = { night: "level" } as const;
    await assert.rejects(
      exportRows(db, Tally, new WritableStream(), { partitionBy }),
      /partitionBy requires the path of a folder/,
    );
    await assert.rejects(
      exportRows(
        db,
        Tally,
        path,
        { partitionBy, orderBy: "distance" } as object,
      ),
      /orderBy cannot be "distance"/,
    );
    await assert.rejects(
      exportRows(db, Tally, path, {
        partitionBy,
        onProgress: () => {
          throw new Error("enough");
        },
      }),
      /enough/,
    );
    assert.deepEqual(await namesIn(folder), []);
    await Deno.mkdir(path);
    await Deno.writeTextFile(join(path, "mine"), "");
    await assert.rejects(
      exportRows(db, Tally, path, { partitionBy }),
      (error) =>
        error instanceof FileError &&
        /nights: it exists and is not empty/.test(error.message),
    );
    assert.deepEqual(await namesIn(path), ["mine"]);
  });
});
