// The files that the paths of a load name.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findFiles } from "../../src/load/input/find_files.ts";

const FILES = [
  "nights/b.csv",
  "nights/a.csv",
  "nights/.hidden",
  "nights/2026/c.csv",
  "years/2026/d.csv",
  "catalog/hats.properties",
  "catalog/partition_info.csv",
  "catalog/dataset/_common_metadata",
  "catalog/dataset/_metadata.parquet",
  "catalog/dataset/Norder=5/Dir=0/Npix=9196.parquet",
  "catalog/dataset/Norder=5/Dir=0/Npix=6814.parquet",
];
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ["nights/b.csv", ["nights/b.csv"]],
  ["nights", ["nights/a.csv", "nights/b.csv"]],
  ["nights/*.csv", ["nights/a.csv", "nights/b.csv"]],
  ["nights/**/*.csv", ["nights/2026/c.csv", "nights/a.csv", "nights/b.csv"]],
  ["catalog", [
    "catalog/dataset/Norder=5/Dir=0/Npix=6814.parquet",
    "catalog/dataset/Norder=5/Dir=0/Npix=9196.parquet",
  ]],
];

Deno.test("folders, patterns, and HATS catalogs stand for their files", async () => {
  const folder = await Deno.makeTempDir();
  const find = (path: string): Promise<readonly string[]> =>
    findFiles([join(folder, path)], (path) => new Error(`none: ${path}`));
  try {
    for (const file of FILES) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), "");
    }
    for (const [path, files] of CASES) {
      assert.deepEqual(
        await find(path),
        files.map((file) => join(folder, file)),
        path,
      );
    }
    await assert.rejects(find("years"), /none: .*years/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
