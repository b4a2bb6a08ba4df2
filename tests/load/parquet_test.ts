// Parquet files that are cut off, something else, or declare huge sizes; streams of them; rows that are set aside.
import { LimitError, ValidationError } from "@alerce/db-plugins";
import { exportRows } from "@alerce/db-plugins/export";
import { load, type RejectedLine } from "@alerce/db-plugins/load";
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openParquet } from "../../src/load/parquet/file.ts";
import { assertPages } from "../../src/load/parquet/pages.ts";
import { assertThriftSizes } from "../../src/load/parquet/thrift_sizes.ts";
import { Stamp, Star, SUITE_MODELS, Tally } from "../../src/testing/models.ts";
import { STARS } from "../../src/testing/stars.ts";
import type { Connection } from "../../src/connection/connection.ts";
import { limitsOf } from "../../src/files/read/limits.ts";
import { memoryEngine } from "../memory/engine.ts";
import { joined } from "../support/avro.ts";

/** Exports the stars, and passes the file and a function that loads other bytes. */
async function withStars(
  work: (
    db: Connection,
    good: Uint8Array,
    loaded: (bytes: Uint8Array, options?: object) => ReturnType<typeof load>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  await db.query(Star).bulkInsert(STARS);
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "stars.parquet");
    await exportRows(db, Star, path, { orderBy: { id: "asc" } });
    await db.query(Star).deleteAll({ filterBy: {}, all: true });
    await work(
      db,
      await Deno.readFile(path),
      async (bytes, options) => {
        const path = join(folder, "other.parquet");
        await Deno.writeFile(path, bytes);
        return await load(db, Star, path, options);
      },
      folder,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a Parquet file that is cut off, damaged, or something else is refused by name", async () => {
  await withStars(async (db, good, loaded) => {
    const middle = good.length >> 1;
    const last = new Uint8Array(good);
    new DataView(last.buffer).setUint32(good.length - 8, 2 ** 31, true);
    const wide = new Uint8Array(good);
    new DataView(wide.buffer).setUint32(good.length - 8, good.length, true);
    const page = new Uint8Array(good);
    page.fill(0xff, 4, 40);
    const footer = new Uint8Array(good);
    footer.fill(0xff, good.length - 300, good.length - 8);
    const damaged: readonly (readonly [Uint8Array, RegExp])[] = [
      [good.subarray(0, middle), /damaged: its last bytes are missing/],
      [good.subarray(0, -1), /damaged: its last bytes are missing/],
      [good.subarray(0, 6), /damaged: its last bytes are missing/],
      [wide, /damaged: its metadata would have \d+ bytes/],
      [page, /damaged: .*column id of row group 1/],
      [footer, /damaged: its metadata cannot be read/],
      [gzipSync(good), /Parquet file that was compressed/],
      [
        new TextEncoder().encode("<html><body>404</body></html>"),
        /is an HTML page/,
      ],
      [
        joined(new TextEncoder().encode("PARE"), good),
        /encrypted Parquet file/,
      ],
    ];
    for (const [bytes, message] of damaged) {
      await assert.rejects(
        loaded(bytes),
        (error) =>
          error instanceof ValidationError && message.test(error.message) &&
          /other\.parquet .*No row was written$/.test(error.message),
      );
    }
    await assert.rejects(
      loaded(last),
      (error) =>
        error instanceof LimitError &&
        /metadata of .*other\.parquet: it has 2147483648 bytes/.test(
          error.message,
        ),
    );
    await assert.rejects(
      load(db, Star, new Blob([good.slice()]).stream()),
      /the stream has Parquet, which is read from its end: save it to a file, and load that file/,
    );
    await assert.rejects(
      loaded(good, { format: "csv" }),
      /is not csv: its content looks like parquet/,
    );
    assert.equal(await db.query(Star).count(), 0);
    assert.equal((await loaded(good)).inserted, 5);
  });
});

Deno.test("columns of Parquet are mapped and skipped, and bad rows are set aside with their numbers", async () => {
  await withStars(async (db, _good, _loaded, folder) => {
    const path = join(folder, "tally.parquet");
    await db.query(Tally).bulkInsert([
      { id: 1, total: 5n, level: 0.5 },
      { id: 2, total: 2n ** 40n, level: NaN },
    ]);
    await exportRows(db, Tally, path);
    await assert.rejects(
      load(db, Star, path),
      /has the column "total", which is not a field of star/,
    );
    const rejected: RejectedLine[] = [];
    const report = await load(db, Star, path, {
      map: { total: "visits", level: "name" },
      onRejected: (row) => void rejected.push(row),
    });
    assert.equal(report.rejected, 2);
    assert.deepEqual(
      rejected.map(({ line, problems }) => [line, problems[0]?.field]),
      [[1, "name"], [2, "name"]],
    );
  });
});

Deno.test("rows of a second row group keep their values and numbers", async () => {
  await withStars(async (db, _good, _loaded, folder) => {
    const path = join(folder, "tally.parquet");
    const count = 40_000;
    const totals = Array.from({ length: count }, (_, id) => BigInt(id % 1_009));
    await db.query(Tally).bulkInsert(
      totals.with(count - 1, 2n ** 40n).map((total, id) => ({ id, total })),
    );
    await exportRows(db, Tally, path, {
      orderBy: { id: "asc" },
      select: ["id", "total"],
    });
    const rejected: number[] = [];
    const report = await load(db, Stamp, path, {
      map: { total: "touched" },
      onRejected: ({ line }) => void rejected.push(line),
    });
    assert.deepEqual([report.inserted, rejected], [count - 1, [count]]);
    const rows = await db.query(Stamp).findAll({ orderBy: { id: "asc" } });
    assert.ok(rows.every(({ touched }, id) => touched === Number(totals[id])));
  });
});

/** The header of a page in Thrift's compact protocol. */
function pageHeader(size: number, stored: number, values: number): number[] {
  const varint = (value: number): number[] => {
    const bytes: number[] = [];
    let rest = value * 2;
    for (; rest > 127; rest = Math.floor(rest / 128)) {
      bytes.push(rest % 128 + 128);
    }
    return [...bytes, rest];
  };
  return [
    ...[0x15, 0, 0x15, ...varint(size), 0x15, ...varint(stored)],
    ...[0x2c, 0x15, ...varint(values), 0x15, 0, 0x15, 6, 0x15, 6, 0, 0],
  ];
}

Deno.test("pages and lists that declare huge sizes are refused before memory is used for them", async () => {
  const limits = limitsOf("load", {});
  const damaged = (reason: string) => new Error(`damaged: ${reason}`);
  const check = (...header: number[]) =>
    assertPages(
      new Uint8Array([...header, 0, 0, 0]).buffer,
      "column a",
      limits,
      damaged,
    );
  await check(...pageHeader(2, 2, 2));
  await assert.rejects(check(...pageHeader(2 ** 30, 2, 2)), LimitError);
  await assert.rejects(check(...pageHeader(2, 2, 2 ** 29)), LimitError);
  await assert.rejects(
    check(...pageHeader(2, 9, 2)),
    /damaged: the sizes of a page/,
  );
  await assert.rejects(check(0xff, 0xff), /damaged: the header of a page/);
  const thrift = (...bytes: number[]) => () =>
    assertThriftSizes(new DataView(new Uint8Array(bytes).buffer), 0);
  assert.doesNotThrow(thrift(0x19, 0x25, 2, 2, 0));
  assert.throws(thrift(0x19, 0xf5, 0xff, 0xff, 0xff, 0x0f, 0), RangeError);
  assert.throws(thrift(0x18, 0xff, 0xff, 0xff, 0xff, 0x0f, 0), RangeError);
  assert.throws(thrift(...Array<number>(99).fill(0x1c)), RangeError);
  await assert.rejects(
    openParquet("/dev/null", limits, damaged),
    /last bytes are missing/,
  );
});
