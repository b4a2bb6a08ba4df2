import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  DuplicateKeyError,
  LimitError,
  QueryError,
  ValidationError,
} from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import type { RejectedLine } from "../load/types.ts";
import { load } from "../load/load.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Stamp, Star, Tally } from "./models.ts";
import { BIG, plain } from "./stars.ts";

const NOTHING = { rows: 0, inserted: 0, updated: 0, ignored: 0, rejected: 0 };

/** A stream of bytes, in small parts that cut lines and characters. */
function stream(
  content: string | Uint8Array,
  size = 7,
): ReadableStream<Uint8Array> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

/** One star with a value in every field, and one with nulls. */
const FULL = [
  "id,name,mag,flux,visits,variable,seen,labels,kind,uid,notes,status",
  `${BIG},"Deneb, ""α""",1.25,0.5,3,t,2018-06-01T04:07:22.125Z,"[""a"",""b c""]",O,0B0C0FFE-0000-4000-8000-000000000001,"{""n"":${BIG}}",old`,
  `-5,"two`,
  `lines",,,,,,,,,,`,
  "",
].join("\n");

async function stars(db: Connection): Promise<object[]> {
  return plain(await db.query(Star).findAll({ orderBy: { id: "asc" } }));
}

/** `load`. */
export const loading: readonly Behaviour[] = [
  behaviour(
    "load reads every type from CSV, and an empty value is null or the default",
    async (db) => {
      assert.deepEqual(await load(db, Star, stream(FULL)), {
        ...NOTHING,
        rows: 2,
        inserted: 2,
      });
      const nulls = {
        ...{ mag: null, flux: null, visits: null, variable: null },
        ...{ seen: null, labels: null, kind: null, uid: null, notes: null },
      };
      const [two, deneb] = await stars(db);
      assert.deepEqual(two, {
        ...nulls,
        id: -5n,
        name: "two\nlines",
        status: "new",
      });
      assert.deepEqual({ ...deneb, notes: undefined }, {
        id: BIG,
        name: 'Deneb, "α"',
        mag: 1.25,
        flux: 0.5,
        visits: 3,
        variable: true,
        seen: new Date("2018-06-01T04:07:22.125Z"),
        labels: ["a", "b c"],
        kind: "O",
        uid: "0b0c0ffe-0000-4000-8000-000000000001",
        notes: undefined,
        status: "old",
      });
    },
  ),
  behaviour(
    "load reads the same rows from CSV, TSV and NDJSON, with other line ends, delimiters and compression",
    async (db) => {
      const csv = "id,name,mag\n1,Algol,2.12\n2,Mira,\n";
      const crlf = csv.replaceAll("\n", "\r\n");
      const forms: readonly (string | Uint8Array)[] = [
        ...[csv, csv.trimEnd(), `\uFEFF${csv}`, crlf],
        crlf.replace("Mira,", '"Mira",""'),
        csv.replaceAll("\n", "\r"),
        ...["\t", ";", "|"].map((delimiter) => csv.replaceAll(",", delimiter)),
        `mag,name,id\n\n2.12,Algol,1\n,Mira,2\n\n`,
        '{"id":1,"name":"Algol","mag":2.12}\n\n{"id":"2","name":"Mira"}',
        gzipSync(csv),
        new Uint8Array([
          ...gzipSync("id,name,mag\n1,Algol,2.12\n"),
          ...gzipSync("2,Mira,\n"),
        ]),
        zstdCompressSync(csv),
      ];
      for (const form of forms) {
        await db.query(Star).deleteAll({ filterBy: {}, all: true });
        const report = await load(db, Star, stream(form));
        assert.deepEqual([report.rows, report.inserted], [2, 2]);
        const rows = await db.query(Star).findAll({ orderBy: { id: "asc" } });
        assert.deepEqual(rows.map(({ id, name, mag }) => [id, name, mag]), [
          [1n, "Algol", 2.12],
          [2n, "Mira", null],
        ]);
      }
    },
  ),
  behaviour(
    "load takes NaN and infinities by the rules of the model, and whole numbers exactly",
    async (db) => {
      const floats = "id,level\n1,NaN\n2,-inf\n3,Infinity\n4,1e-3\n5,-999\n";
      await load(db, Tally, stream(floats));
      const levels = await db.query(Tally).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(
        levels.map(({ level }) => level),
        [NaN, -Infinity, Infinity, 1e-3, -999],
      );
      await load(db, Stamp, stream("id,value\n1,nan\n2,2.0\n3.0,3\n"));
      const stamps = await db.query(Stamp).findAll({ orderBy: { id: "asc" } });
      assert.deepEqual(stamps.map(({ value }) => value), [null, 2, 3]);
      await assert.rejects(
        load(db, Star, stream("id,name,mag\n1,a,NaN\n")),
        (error) =>
          error instanceof ValidationError && error.rows[0]?.field === "mag" &&
          /the stream, line 2\)\. No row was written$/.test(error.message),
      );
    },
  ),
  behaviour(
    "load ignores, updates or refuses existing keys",
    async (db) => {
      const csv = "id,name,mag\n1,Algol,2.12\n2,Mira,6.5\n";
      await load(db, Star, stream(csv));
      const again = "id,name,mag\n1,Algol,3\n3,Vega,0\n";
      assert.deepEqual(await load(db, Star, stream(again)), {
        ...NOTHING,
        rows: 2,
        inserted: 1,
        ignored: 1,
      });
      const update = "id,name,mag\n1,Algol,4\n4,Deneb,1.25\n";
      assert.deepEqual(
        await load(db, Star, stream(update), { onConflict: "update" }),
        { ...NOTHING, rows: 2, inserted: 1, updated: 1 },
      );
      const least = "id,mag\n1,9\n2,1\n";
      await load(db, Star, stream(least), { merge: { mag: "least" } });
      assert.deepEqual(
        (await db.query(Star).findAll({ orderBy: { id: "asc" } }))
          .map(({ mag }) => mag),
        [4, 1, 0, 1.25],
      );
      await assert.rejects(
        load(db, Star, stream("id,name\n9,Rigel\n1,x\n"), {
          onConflict: "error",
        }),
        (error) =>
          error instanceof DuplicateKeyError &&
          /the stream, line 3\b/.test(error.message),
      );
      assert.equal(await db.query(Star).count(), 4);
    },
  ),
  behaviour(
    "load names the line of the first key that exists or is repeated, also after many rows",
    async (db) => {
      await load(db, Star, stream("id,name\n1,Algol\n"));
      const many = Array.from(
        { length: 700 },
        (_, at) => `${at + 10},Mira ${at}`,
      );
      for (
        const [rows, line] of [
          [["9,Rigel", "9,Vega", "1,x"], 3],
          [["9,Rigel", "1,x", "9,Vega"], 3],
          [[...many, "1,x"], 702],
        ] as const
      ) {
        await assert.rejects(
          load(db, Star, stream(["id,name", ...rows].join("\n")), {
            onConflict: "error",
          }),
          (error) =>
            error instanceof DuplicateKeyError &&
            new RegExp(`the stream, line ${line}\\b`).test(error.message),
          `line ${line}`,
        );
      }
      assert.equal(await db.query(Star).count(), 1);
    },
  ),
  behaviour(
    "load passes the rows that the file, the model or the database refuses to onRejected, and writes the others",
    async (db) => {
      const csv = [
        "id,name,mag,kind",
        "1,Algol,2.12,O",
        '2,Mira,"6,5",O',
        "3,Vega,0",
        "4,Algol,1,G",
        "5,Deneb,1,X",
        '6,"a"b,1,G',
        "x,y,1,G",
        "7,Rigel,0.1,M",
      ].join("\n");
      const rejected: RejectedLine[] = [];
      const report = await load(db, Star, stream(csv), {
        onConflict: "error",
        onRejected: (row) => rejected.push(row),
      });
      assert.deepEqual(report, {
        ...NOTHING,
        rows: 8,
        inserted: 2,
        rejected: 6,
      });
      assert.deepEqual(
        rejected.map(({ line, index, problems }) => [
          line,
          index,
          problems.map(({ field }) => field).join(),
        ]),
        [
          [3, 1, "mag"],
          [4, 2, "the row"],
          [5, 3, "name"],
          [6, 4, "kind"],
          [7, 5, "the row"],
          [8, 6, "id"],
        ],
      );
      assert.match(
        rejected[0]?.problems[0]?.reason ?? "",
        /with a decimal point, got "6,5"/,
      );
      // Rows are as the file has them, whatever refused them.
      assert.deepEqual([0, 2, 3].map((at) => rejected[at]?.row), [
        { id: "2", name: "Mira", mag: "6,5", kind: "O" },
        { id: "4", name: "Algol", mag: "1", kind: "G" },
        { id: "5", name: "Deneb", mag: "1", kind: "X" },
      ]);
      await load(db, Star, stream('{"id":"9","name":"Mira","kind":"X"}'), {
        onRejected: (row) => rejected.push(row),
      });
      assert.deepEqual(rejected.at(-1)?.row, {
        ...{ id: "9", name: "Mira", kind: "X" },
      });
      assert.deepEqual((await stars(db)).length, 2);
    },
  ),
  behaviour(
    "the first bad row ends a load without onRejected, with its line and field",
    async (db) => {
      const cases: readonly (readonly [string, RegExp])[] = [
        [
          "id,name,mag\n1,a,1\n2,b,high\n",
          /row 1: mag must be a number, got "high" \(the stream, line 3\)/,
        ],
        [
          "id,name,mag\n1,a\n",
          /has 2 columns, and the header has 3; the file may be cut off|has 2 columns, and the header has 3/,
        ],
        ["id,name,mag\n1,a,1\n2,b", /line 3.*|has 2 columns.*cut off/],
        [
          'id,name\n1,"a\n2,b\n',
          /the row begins a quoted value that never ends \(the stream, line 2\)/,
        ],
        [
          "id,nmae\n1,a\n",
          /line 1 has the column "nmae".*did you mean name\?/,
        ],
        ["id,mag\n1,1\n", /line 1 has no column for name, which is required/],
        [
          "id,name,id\n1,a,1\n",
          /line 1 names the field id twice, in columns 1 and 3/,
        ],
        ["1,Algol,2\n2,Mira,3\n", /line 1 must name the columns/],
        ["id,name,seen\n1,a,2020-02-30\n", /seen is not a valid date/],
        ["id,name\n5.1e17,a\n", /id must be a whole number, got "5\.1e17"/],
        ["<!DOCTYPE html>\n<html></html>", /is an HTML page/],
        [
          "PAR1....",
          /the stream has Parquet, which is read from its end: save it to a file/,
        ],
        ["[{}]", /is a JSON array/],
        ["", /is empty/],
        [
          '{"id":1,"name":"a"}\n{"id":2,"name":',
          /row 1: the row is not JSON.*cut off.*line 2\)/,
        ],
        [
          '{"id":1,"name":"a"}\n{"id":2,"nmae":"b"}',
          /nmae is not a field of star; did you mean name\?.*line 2\)/,
        ],
      ];
      for (const [content, message] of cases) {
        await assert.rejects(load(db, Star, stream(content)), (error) => {
          assert.ok(error instanceof ValidationError, content);
          assert.match(error.message, message);
          assert.match(error.message, /No row was written$/);
          return true;
        });
      }
      const gzip = gzipSync(`id,name\n${"1,a\n".repeat(2_000)}`);
      await assert.rejects(
        load(db, Star, stream(gzip.subarray(0, gzip.length - 12))),
        /compressed data that is cut off/,
      );
      const bytes = new Uint8Array([
        ...new TextEncoder().encode("id,name\n1,"),
        0xff,
        10,
      ]);
      await assert.rejects(
        load(db, Star, stream(bytes)),
        /line 2 is not valid UTF-8/,
      );
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "load reads a quoted empty value as the empty text, and other empty values as null",
    async (db) => {
      const csv = [
        "id,name,mag,kind,status",
        '1,"",1,"",',
        '2,"a ""b"", ""","",,""',
        '"3",\'\',,M,"" ',
        "4,,,,",
        "",
      ];
      const named = csv.with(4, "4,x,,,");
      for (const lineEnd of ["\n", "\r\n"]) {
        await db.query(Star).deleteAll({ filterBy: {}, all: true });
        await load(db, Star, stream(named.join(lineEnd)));
        assert.deepEqual(
          (await stars(db)).map((star) => [
            Reflect.get(star, "name"),
            Reflect.get(star, "mag"),
            Reflect.get(star, "kind"),
            Reflect.get(star, "status"),
          ]),
          [
            ["", 1, null, "new"],
            ['a "b", "', null, null, ""],
            ["''", null, "M", ""],
            ["x", null, null, "new"],
          ],
        );
      }
      await assert.rejects(
        load(db, Star, stream(csv.join("\n"))),
        /name .*line 5/,
      );
    },
  ),
  behaviour("load maps and skips columns, and stops at a limit", async (db) => {
    const csv = ",ID,star name\n0,1,Algol\n1,2,Mira\n2,x,y\n";
    const report = await load(db, Star, stream(csv), {
      map: { ID: "id", "star name": "name" },
      skip: [""],
      limit: 2,
    });
    assert.deepEqual([report.rows, report.inserted], [2, 2]);
    await assert.rejects(
      load(db, Star, stream(csv), {
        map: { IDX: "id" },
        skip: ["", "ID", "star name"],
      }),
      /has no column "IDX", which map names; did you mean ID\?|must name the columns/,
    );
  }),
  behaviour(
    "a dry run of load checks every row, and writes none",
    async (db) => {
      const csv = "star,night,quality\n1,1,0.5\n1,2,7\n1,3,1\n";
      const rejected: RejectedLine[] = [];
      const report = await load(db, Sighting, stream(csv), {
        dryRun: true,
        onRejected: (row) => void rejected.push(row),
      });
      assert.deepEqual(report, { ...NOTHING, rows: 3, rejected: 1 });
      assert.equal(rejected[0]?.line, 3);
      await assert.rejects(
        load(db, Sighting, stream(csv), { dryRun: true }),
        /quality.*line 3\)/,
      );
      assert.equal(await db.query(Sighting).count(), 0);
    },
  ),
  behaviour(
    "load writes many rows with several jobs, and keeps batches before a bad row",
    async (db) => {
      const rows = Array.from({ length: 21_000 }, (_, at) => `${at},${at % 7}`);
      const seen: number[] = [];
      const report = await load(
        db,
        Stamp,
        stream(["id,touched", ...rows].join("\n"), 60_000),
        { jobs: 2, onProgress: ({ rows }) => void seen.push(rows) },
      );
      assert.deepEqual([report.inserted, seen.at(-1)], [21_000, 21_000]);
      assert.equal(await db.query(Stamp).count(), 21_000);
      await db.query(Stamp).deleteAll({ filterBy: {}, all: true });
      rows[20_500] = "x,1";
      await assert.rejects(
        load(db, Stamp, stream(["id,touched", ...rows].join("\n"), 60_000)),
        (error) =>
          error instanceof ValidationError && error.outcome === "unknown" &&
          /line 20502\)\. 20000 rows of this load were written before and stay$/
            .test(error.message),
      );
      assert.equal(await db.query(Stamp).count(), 20_000);
    },
  ),
  behaviour("load bounds the length of a row", async (db) => {
    const long = `id,name\n1,${"a".repeat(3_000)}\n`;
    await assert.rejects(
      load(db, Star, stream(long, 500), { limits: { maxLine: 1_000 } }),
      (error) => error instanceof LimitError && /line 2/.test(error.message),
    );
  }),
  behaviour("load refuses wrong options, and an aborted signal", async (db) => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [
        { onConflct: "error" },
        /no option onConflct; did you mean onConflict\?/,
      ],
      [{ onConflict: "replace" }, /onConflict must be one of/],
      [{ format: "xml" }, /format must be one of/],
      [{ jobs: 0 }, /jobs must be a whole number/],
      [{ map: { a: "nmae" } }, /did you mean name\?/],
      [{ prefer: ["mag"], onConflict: "ignore" }, /prefer requires/],
    ];
    for (const [options, message] of wrong) {
      await assert.rejects(
        load(db, Star, stream("id,name\n1,a\n"), options),
        (error) => error instanceof QueryError && message.test(error.message),
      );
    }
    await assert.rejects(
      load(db, Star, stream("id,name\n1,a\n"), {
        signal: AbortSignal.abort(new Error("the client is gone")),
      }),
      /the client is gone/,
    );
    assert.equal(await db.query(Star).count(), 0);
  }),
];
