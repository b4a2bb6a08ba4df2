// Files on disk: names that do not say the format, compressed files that grow, records that lie across parts.
import { LimitError } from "@alerce/db-plugins";
import { load } from "@alerce/db-plugins/load";
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { Star, SUITE_MODELS } from "../../src/testing/models.ts";
import { memoryEngine } from "../memory/engine.ts";

async function withFile(
  content: string | Uint8Array,
  work: (path: string) => Promise<void>,
  name = "stars.dat",
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, name);
  try {
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    await work(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("load takes a path or a file URL, and reports bytes and rows", async () => {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  await withFile(gzipSync("id,name\n1,a\n2,b\n"), async (path) => {
    const seen: unknown[] = [];
    const { size } = await Deno.stat(path);
    await load(db, Star, path, {
      onProgress: ({ rowsPerSecond: _, ...progress }) =>
        void seen.push(progress),
    });
    assert.deepEqual(seen, [
      { file: path, rows: 2, bytes: size, totalBytes: size },
    ]);
    const report = await load(db, Star, pathToFileURL(path));
    assert.equal(report.ignored, 2);
  }, "stars.parquet");
  await assert.rejects(
    load(db, Star, "/nowhere/stars.csv"),
    /stars\.csv cannot be read: ENOENT/,
  );
});

Deno.test("a compressed file that grows more than maxRatio ends the load", async () => {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  const line = `1,${"a".repeat(1 << 20)}\n`;
  const bomb = gzipSync(`id,name\n${line.repeat(70)}`);
  await withFile(bomb, async (path) => {
    await assert.rejects(
      load(db, Star, path, { dryRun: true }),
      (error) =>
        error instanceof LimitError && error.limit === "maxRatio" &&
        /No row was written$/.test(error.message),
    );
    const report = await load(db, Star, path, {
      dryRun: true,
      limits: { maxRatio: 1e6 },
    });
    assert.equal(report.rows, 70);
  });
});

Deno.test("records that lie across parts keep their values and lines", async () => {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  const names = Array.from(
    { length: 3_000 },
    (_, at) => `${at}\n"${"x".repeat(at % 977)}"\r\n,`,
  );
  const quoted = names.map((name, at) =>
    `${at},"${name.replaceAll('"', '""')}"`
  );
  const bad = quoted.with(2_999, "x,y");
  await withFile(["id,name", ...quoted, ""].join("\n"), async (path) => {
    await load(db, Star, path);
    const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
    assert.deepEqual(rows.map(({ name }) => name), names);
  });
  await withFile(["id,name", ...bad, ""].join("\n"), async (path) => {
    await assert.rejects(load(db, Star, path), /row 2999: id .*line 8999\)/);
  });
});
