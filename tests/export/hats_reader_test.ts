// deno-lint-ignore-file no-console
// A HATS catalog in LSDB.
//   python3 -m venv .venv && .venv/bin/pip install lsdb
//   DBP_TEST_PYTHON=$PWD/.venv/bin/python npx -y deno@2.9.6 task test tests/export/hats_reader_test.ts
import { defineModel, healpixIndex } from "@alerce/db-plugins";
import { exportRows } from "@alerce/db-plugins/export";
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { memoryEngine } from "../memory/engine.ts";

const PYTHON = Deno.env.get("DBP_TEST_PYTHON") ?? "python3";
const SCRIPT = fileURLToPath(new URL("./hats_reader.py", import.meta.url));

const Source = defineModel("source", {
  fields: z.object({ id: z.int32(), ra: z.float64(), dec: z.float64() }),
  primaryKey: ["id"],
  spatial: { ra: "ra", dec: "dec" },
});

async function hasLsdb(): Promise<boolean> {
  const { success } = await new Deno.Command(PYTHON, {
    args: ["-c", "import lsdb"],
    stderr: "null",
  }).output().catch(() => ({ success: false }));
  if (!success) console.log(`Skipped: ${PYTHON} does not have lsdb`);
  return success;
}

Deno.test({
  name: "LSDB reads, searches and matches a HATS catalog of exportRows",
  ignore: !await hasLsdb(),
  fn: async () => {
    await using db = await memoryEngine.open([Source]);
    await db.createDb();
    const far = Array.from({ length: 40 }, (_, at) => ({
      id: at,
      ra: at * 9,
      dec: at * 4 - 80,
    }));
    const near = [100, 101].map((id) => ({
      ...{ id, ra: 150.1 + (id - 100) / 3600, dec: 2.2 },
    }));
    await db.query(Source).bulkInsert([...far, ...near]);
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "catalog");
      await exportRows(db, Source, path, { partitionBy: { healpix: 1 } });
      const { success, stdout, stderr } = await new Deno.Command(PYTHON, {
        args: [SCRIPT, path],
      }).output();
      const text = new TextDecoder();
      assert.ok(success, text.decode(stderr));
      const last = text.decode(stdout).trim().split("\n").at(-1) ?? "";
      const cells = [...far, ...near].map(({ ra, dec }) =>
        healpixIndex(ra, dec, 1)
      );
      assert.deepEqual(JSON.parse(last), {
        valid: true,
        rows: 42,
        cells: new Set(cells).size,
        ids: [...far, ...near].map(({ id }) => id),
        index: "_healpix_29",
        cone: [100, 101],
        matched: 42,
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
