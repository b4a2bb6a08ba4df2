// deno-lint-ignore-file no-console
// Parquet files of other libraries, and ours in them: pyarrow, pandas, DuckDB and astropy.
//   python3 -m venv .venv && .venv/bin/pip install pyarrow pandas duckdb astropy
//   DBP_TEST_PYTHON=$PWD/.venv/bin/python npx -y deno@2.9.6 task test tests/export/parquet_readers_test.ts
import { defineModel } from "@alerce/db-plugins";
import { exportRows } from "@alerce/db-plugins/export";
import { load } from "@alerce/db-plugins/load";
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { memoryEngine } from "../memory/engine.ts";

const PYTHON = Deno.env.get("DBP_TEST_PYTHON") ?? "python3";
const SCRIPT = fileURLToPath(new URL("./parquet_readers.py", import.meta.url));
const BIG = 9_007_199_254_740_993n;

const Reading = defineModel("reading", {
  fields: z.object({
    candid: z.int64(),
    oid: z.string(),
    mag: z.float64().nullable().meta({
      unit: "mag",
      description: 'Magnitude, "corrected": brightest first',
    }),
    seen: z.date(),
    flag: z.boolean(),
    names: z.array(z.string().nullable()).nullable(),
  }),
  primaryKey: ["candid"],
});

async function python(...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: [SCRIPT, ...args],
  }).output();
  const text = new TextDecoder();
  assert.ok(success, text.decode(stderr));
  return text.decode(stdout);
}

/** Whether Python has the libraries. */
async function hasLibraries(): Promise<boolean> {
  const names = "pyarrow, pandas, duckdb, astropy";
  const { success } = await new Deno.Command(PYTHON, {
    args: ["-c", `import ${names}`],
    stderr: "null",
  }).output().catch(() => ({ success: false }));
  if (!success) {
    console.log(`Skipped: ${PYTHON} does not have ${names}`);
  }
  return success;
}

const ignore = !await hasLibraries();

Deno.test({
  name:
    "pyarrow, pandas, DuckDB and astropy read what exportRows writes, with exact integers, units and descriptions",
  ignore,
  fn: async () => {
    await using db = await memoryEngine.open([Reading]);
    await db.createDb();
    await db.query(Reading).bulkInsert([
      ...[0.5, NaN, null].map((mag, index) => ({
        candid: BIG + BigInt(index),
        oid: "ZTF18a",
        mag: Number.isNaN(mag) ? null : mag,
        seen: new Date("2018-06-01T04:07:22.125Z"),
        flag: true,
        names: ["a", null],
      })),
    ]);
    const folder = await Deno.makeTempDir();
    try {
      const select = ["candid", "oid", "mag", "seen", "flag"] as const;
      const flat = join(folder, "flat.parquet");
      await exportRows(db, Reading, flat, {
        orderBy: { candid: "asc" },
        select,
      });
      const candid = [0n, 1n, 2n].map((n) => String(BIG + n));
      const { astropy, ...read } = JSON.parse(await python("read", flat));
      assert.deepEqual(read.pyarrow.types, {
        candid: "int64",
        oid: "string",
        mag: "double",
        seen: "timestamp[us, tz=UTC]",
        flag: "bool",
      });
      assert.deepEqual(read.pyarrow.candid, candid);
      assert.deepEqual(read.pandas, {
        type: "int64",
        candid,
        seen: "2018-06-01T04:07:22.125000+00:00",
      });
      assert.deepEqual(read.duckdb, { candid, mag: ["0.5", null, null] });
      const description = Reading.byName.get("mag")?.description;
      assert.deepEqual(astropy, { candid, unit: "mag", description });
      assert.deepEqual(read.described, { unit: "mag", description });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "load reads Parquet files of pyarrow, pandas and DuckDB, of every codec",
  ignore,
  fn: async () => {
    await using db = await memoryEngine.open([Reading]);
    await db.createDb();
    const folder = await Deno.makeTempDir();
    try {
      await python("write", folder);
      const names = (await Array.fromAsync(Deno.readDir(folder)))
        .map(({ name }) => name).toSorted();
      assert.equal(names.length, 9);
      for (const name of names) {
        await db.query(Reading).deleteAll({ filterBy: {}, all: true });
        const report = await load(db, Reading, join(folder, name));
        assert.equal(report.inserted, 3_000, name);
        const rows = await db.query(Reading).findAll({
          orderBy: { candid: "asc" },
        });
        assert.deepEqual(
          [0, 1, 2_999].map((at) => ({ ...rows[at] })),
          [0, 1, 2_999].map((n) => ({
            candid: BIG + BigInt(n),
            oid: `ZTF${n % 7}`,
            mag: n % 3 === 0 ? null : n / 7,
            seen: rows[n]?.seen,
            flag: n % 2 === 0,
            names: ["a", null, ""].slice(0, n % 4),
          })),
          name,
        );
        assert.equal(
          rows[1]?.seen.toISOString(),
          "2018-06-01T04:07:22.125Z",
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
