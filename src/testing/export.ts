import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import { QueryError } from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import type { AnyModel } from "../model/types.ts";
import { exportRows } from "../export/export_rows.ts";
import type { ExportOptions } from "../export/types.ts";
import { load } from "../load/load.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Place, Sighting, Star, Tally } from "./models.ts";
import { BIG, fillStars, plain } from "./stars.ts";

/** Exports to a stream, and returns its bytes. */
async function exported(
  db: Connection,
  model: AnyModel,
  options: ExportOptions<AnyModel>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const content = new Response(readable).bytes();
  await Promise.all([content, exportRows(db, model, writable, options)]);
  return await content;
}

async function text(
  db: Connection,
  model: AnyModel,
  options: ExportOptions<AnyModel>,
): Promise<string> {
  return new TextDecoder().decode(await exported(db, model, options));
}

async function stars(db: Connection): Promise<object[]> {
  return plain(await db.query(Star).findAll({ orderBy: { id: "asc" } }));
}

/** `exportRows`. */
export const exporting: readonly Behaviour[] = [
  behaviour(
    "exportRows writes every type as CSV, TSV and NDJSON, with exact integers",
    async (db) => {
      await fillStars(db);
      const orderBy = { id: "asc" } as const;
      assert.equal(
        await text(db, Star, { orderBy, filterBy: { id: { lt: BIG } } }),
        [
          "id,name,mag,flux,visits,variable,seen,labels,kind,uid,notes,status",
          "-5,Ω Cen,-1.46,,0,true,,,G,,,new",
          '1,Algol,2.12,0.5,3,true,2018-06-01T04:07:22.125Z,"[""eclipsing"",""binary""]",O,0b0c0ffe-0000-4000-8000-000000000001,"{""by"":""Goodricke"",""year"":1783}",old',
          '2,Mira,6.5,,3,,,"[""variable""]",M,,,new',
          "3,algol,2.12,0.25,1,false,,,,,,new",
          "",
        ].join("\n"),
      );
      assert.equal(
        await text(db, Star, {
          select: ["name", "id"],
          orderBy: { id: "desc" },
          format: "tsv",
          limit: 2,
        }),
        `name\tid\nDeneb_100%\t${BIG}\nalgol\t3\n`,
      );
      assert.equal(
        await text(db, Star, {
          filterBy: { id: { in: [BIG, 2n] } },
          orderBy,
          select: ["id", "mag", "seen", "labels"],
          format: "ndjson",
        }),
        [
          '{"id":2,"mag":6.5,"seen":null,"labels":["variable"]}',
          `{"id":${BIG},"mag":null,"seen":"2020-01-01T00:00:00.000Z","labels":[]}`,
          "",
        ].join("\n"),
      );
      await db.query(Tally).bulkInsert([
        { id: 1, level: NaN },
        { id: 2, level: -Infinity, total: -BIG },
        { id: 3 },
      ]);
      assert.equal(
        await text(db, Tally, { orderBy }),
        `id,total,level\n1,,NaN\n2,-${BIG},-Infinity\n3,,\n`,
      );
      assert.equal(await text(db, Sighting, {}), "star,night,mag,quality\n");
    },
  ),
  behaviour("exportRows writes the nearest rows first", async (db) => {
    await db.query(Place).bulkInsert(
      [0.02, 0.01, 0, 2].map((dec, id) => ({ id, ra: 10, dec, part: 0 })),
    );
    const near = { ra: 10, dec: 0, radius: 3_600 };
    assert.equal(
      await text(db, Place, {
        filterBy: { near },
        orderBy: "distance",
        select: ["id"],
      }),
      "id\n2\n1\n0\n",
    );
  }),
  behaviour("load reads back what exportRows writes", async (db) => {
    await fillStars(db);
    const before = await stars(db);
    const folder = await Deno.makeTempDir();
    try {
      for (const name of ["csv", "tsv.gz", "ndjson.zst", "parquet"]) {
        const path = `${folder}/stars.${name}`;
        await exportRows(db, Star, path);
        await db.query(Star).deleteAll({ filterBy: {}, all: true });
        const report = await load(db, Star, path);
        assert.equal(report.inserted, 5);
        assert.deepEqual(await stars(db), before);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }),
  behaviour(
    "exportRows writes compressed files by their names, and many rows in parts",
    async (db) => {
      const rows = Array.from({ length: 2_345 }, (_, id) => ({ id }));
      await db.query(Tally).bulkInsert(rows);
      const folder = await Deno.makeTempDir();
      try {
        const seen: number[] = [];
        const path = `${folder}/tally.csv.zst`;
        const report = await exportRows(db, Tally, path, {
          select: ["id"],
          orderBy: { id: "asc" },
          onProgress: ({ rows }) => void seen.push(rows),
        });
        const bytes = await Deno.readFile(path);
        assert.deepEqual(report, {
          rows: 2_345,
          bytes: bytes.length,
          format: "csv",
        });
        assert.deepEqual(seen, [1_000, 2_000, 2_345]);
        const hasChecksum = ((bytes[4] ?? 0) & 4) !== 0;
        assert.ok(hasChecksum);
        assert.equal(
          zstdDecompressSync(bytes).toString(),
          ["id", ...rows.map(({ id }) => id), ""].join("\n"),
        );
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  ),
  behaviour(
    "exportRows refuses wrong options, and writes no file",
    async (db) => {
      const folder = await Deno.makeTempDir();
      const wrong: readonly (readonly [string, object, RegExp])[] = [
        ["a.csv", { selcet: [] }, /no option selcet; did you mean select\?/],
        ["a.csv", { select: ["nmae"] }, /nmae.*did you mean name\?/],
        ["a.csv", { filterBy: { nmae: 1 } }, /nmae.*did you mean name\?/],
        ["a.csv", { orderBy: { nmae: "asc" } }, /nmae.*did you mean name\?/],
        ["a.csv", { format: "xml" }, /format must be one of csv, /],
        ["a.csv", { limit: 0 }, /limit must be a whole number/],
        ["a.csv", { on: "primry" }, /on must be .*did you mean primary/],
        ["a.csv", { timeout: -1 }, /timeout/],
        ["a.txt", {}, /the name .*a\.txt does not say the format/],
        ["a.parquet.gz", {}, /Parquet files are compressed inside/],
      ];
      try {
        for (const [name, options, message] of wrong) {
          await assert.rejects(
            exportRows(db, Star, `${folder}/${name}`, options),
            (error) =>
              error instanceof QueryError && message.test(error.message),
          );
        }
        await assert.rejects(
          exportRows(db, Star, `${folder}/a.csv`, {
            signal: AbortSignal.abort(new Error("the client is gone")),
          }),
          /the client is gone/,
        );
        assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
      } finally {
        await Deno.remove(folder);
      }
    },
  ),
];
