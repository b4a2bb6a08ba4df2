// The memory of an export to Parquet, which is that of a row group.
import assert from "node:assert/strict";
import { join } from "node:path";
import { program } from "../support/program.ts";

/** The greatest allowed memory, in megabytes. */
const MOST = 400;

Deno.test("70,000 rows of 30 columns, with and without nulls, are exported within 400 MB", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const main = join(folder, "main.ts");
    await Deno.writeTextFile(
      main,
      `import { defineModel } from "@alerce/db-plugins";
      import { exportRows } from "@alerce/db-plugins/export";
      import { z } from "zod";
      const names = Array.from({ length: 28 }, (_, at) => "d" + at);
      const Wide = defineModel("wide", {
        fields: z.object({
          id: z.int64(),
          oid: z.string(),
          ...Object.fromEntries(names.map((name) => [name, z.float64().nullable()])),
        }),
        primaryKey: ["id"],
      });
      async function* rows() {
        for (let id = 0; id < 70_000; id++) {
          const row = { id: BigInt(id), oid: "ZTF" + id };
          for (const name of names) {
            row[name] = id > 40_000 && id % 3 === 0 ? null : Math.random();
          }
          yield row;
        }
      }
      const source = { query: () => ({ stream: rows }) };
      const report = await exportRows(source, Wide, "${folder}/wide.parquet");
      const status = await Deno.readTextFile("/proc/self/status");
      const peak = Number(/VmHWM:\\s+(\\d+)/.exec(status)?.[1]) / 1000;
      console.log(report.rows, peak < ${MOST} || peak);`,
    );
    const { out, err } = await program(["--no-check", main]);
    assert.equal(out, "70000 true\n", err);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
