import assert from "node:assert/strict";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { LimitError, ValidationError } from "../base/errors/mod.ts";
import type { Connection } from "../connection/connection.ts";
import { load } from "../load/load.ts";
import type { LoadOptions } from "../load/types.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";

/** Characters of a very long value. */
const LONG = 10 << 20;

/** A frame that zstd programs skip. */
const SKIPPABLE = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];

/** Loads a text or bytes that arrive in small parts. */
function loaded(
  db: Connection,
  content: string | Uint8Array,
  options: LoadOptions<typeof Star> = {},
): ReturnType<typeof load> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  const size = Math.max(7, bytes.length >> 6);
  let at = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
  return load(db, Star, stream, options);
}

/** Returns the names and magnitudes of the stars, which are then deleted. */
async function taken(db: Connection): Promise<unknown[]> {
  const rows = await db.query(Star).findAll({
    select: ["name", "mag"],
    orderBy: { id: "asc" },
  });
  await db.query(Star).deleteAll({ filterBy: {}, all: true });
  return rows.map(({ name, mag }) => [name, mag]);
}

/** `load` of files that other programs write in many ways, and of broken ones. */
export const loadingBadInput: readonly Behaviour[] = [
  behaviour(
    "load reads zstd files of several frames, and skips frames of other programs",
    async (db) => {
      const csv = "id,name\n1,Algol\n2,Mira\n";
      const bytes = new Uint8Array([
        ...SKIPPABLE,
        ...zstdCompressSync(csv),
        ...SKIPPABLE,
        ...zstdCompressSync(""),
        ...zstdCompressSync("3,Ve"),
        ...zstdCompressSync("ga\n"),
      ]);
      await loaded(db, bytes);
      assert.deepEqual(await taken(db), [
        ["Algol", null],
        ["Mira", null],
        ["Vega", null],
      ]);
    },
  ),
  behaviour(
    "load refuses gzip and zstd data that is cut off, damaged, or followed by something else",
    async (db) => {
      const rows = Array.from(
        { length: 500 },
        (_, at) => `${at},${crypto.randomUUID()}\n`,
      );
      const csv = `id,name\n${rows.join("")}`;
      const { ZSTD_c_checksumFlag } = constants;
      const params = { [ZSTD_c_checksumFlag]: 1 };
      for (const file of [gzipSync(csv), zstdCompressSync(csv, { params })]) {
        const whole = new Uint8Array(file);
        const middle = whole.length >> 1;
        const damaged = whole.slice();
        damaged.fill(0x55, middle, middle + 40);
        const ends = [6, 9, 20, middle, whole.length - 4, whole.length - 1];
        const broken = [
          ...ends.map((end) => whole.subarray(0, end)),
          new Uint8Array([...whole, ...whole.subarray(0, middle)]),
          new Uint8Array([...whole, ...new TextEncoder().encode("id,name\n")]),
          damaged,
        ];
        for (const [at, bytes] of broken.entries()) {
          await assert.rejects(loaded(db, bytes), (error) => {
            assert.ok(error instanceof ValidationError, `case ${at}: ${error}`);
            assert.match(
              error.message,
              /the stream, line \d+ is followed by compressed data that is cut off or damaged: .*No row was written$/,
            );
            return true;
          });
        }
      }
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "load reads quotes within quotes, a byte order mark, CRLF and other delimiters together",
    async (db) => {
      const forms = [
        '\uFEFF"id";"name";"mag"\r\n"1";"a ""b;"" c";"1.5"\r\n2;"""";\r\n',
        '\uFEFFid|name|mag\r1|"a ""b;"" c"|1.5\r2|""""|\r',
        'id\tname\tmag\r\n1\t"a ""b;"" c"\t1.5\r\n2\t""""\t',
        'id,name,mag\n1,"a ""b;"" c",1.5\n2,"""",',
        '\uFEFF{"id":1,"name":"a \\"b;\\" c","mag":1.5}\r\n{"id":2,"name":"\\""}\r\n',
      ];
      const expected = [['a "b;" c', 1.5], ['"', null]];
      for (const form of forms) {
        for (const bytes of [form, gzipSync(form), zstdCompressSync(form)]) {
          await loaded(db, bytes);
          assert.deepEqual(await taken(db), expected, form);
        }
      }
      await loaded(db, 'id,name\r\n1,"two\r\nlines"\r\n2,"a""\r\n""b"\r\n');
      assert.deepEqual(await taken(db), [
        ["two\r\nlines", null],
        ['a"\r\n"b', null],
      ]);
    },
  ),
  behaviour(
    "load names decimal commas, columns that are named twice, and wrong numbers of values",
    async (db) => {
      const cases: readonly (readonly [
        string,
        RegExp,
        LoadOptions<typeof Star>?,
      ])[] = [
        [
          "id;name;mag\n1;a;6,5\n",
          /mag must be a number with a decimal point, got "6,5".*line 2\)/,
        ],
        [
          "id\tname\tmag\n1\ta\t1.234,5\n",
          /mag must be a number.*got "1\.234,5".*line 2\)/,
        ],
        [
          '{"id":1,"name":"a","mag":"6,5"}\n',
          /mag must be a number with a decimal point, got "6,5"/,
        ],
        [
          "id,name,mag\n1,a,6,5\n",
          /the row has 4 columns, and the header has 3.*line 2\)/,
        ],
        [
          "id,name,mag\n1,a,1\n2,b\n",
          /the row has 2 columns, and the header has 3.*line 3\)/,
        ],
        [
          '\uFEFF"id";"name";"id"\r\n1;a;1\r\n',
          /line 1 names the field id twice, in columns 1 and 3/,
        ],
        [
          "id,name,label\n1,a,b\n",
          /line 1 names the field name twice, in columns 2 and 3/,
          { map: { label: "name" } },
        ],
        ["id name mag\n1 a 1\n", /line 1 must name the columns/],
      ];
      for (const [content, message, options] of cases) {
        await assert.rejects(loaded(db, content, options), (error) => {
          assert.ok(error instanceof ValidationError, content);
          assert.match(error.message, message);
          assert.match(error.message, /No row was written$/);
          return true;
        });
      }
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "load says that a file may be cut off, if its last line is malformed and has no line end",
    async (db) => {
      const rows = Array.from({ length: 30_000 }, (_, at) => `${at},a,1\n`);
      const csv = `id,name,mag\n${rows.join("")}`;
      const ndjson = '{"id":1,"name":"a"}\n';
      const cases: readonly (readonly [string, string])[] = [
        ["id,name,mag\n1,a,1\n2,b", "the row has 2 columns.*line 3\\)"],
        [`${csv}-1,b`, "the row has 2 columns.*line 30002\\)"],
        [`${csv}-1,"b`, "the row begins a quoted value.*line 30002\\)"],
        [`${ndjson}{"id":2,"na`, "the row is not JSON.*line 2\\)"],
      ];
      for (const [content, message] of cases) {
        const lines: string[] = [];
        await loaded(db, content, {
          onRejected: ({ line, problems }) =>
            void lines.push(`the row ${problems[0]?.reason} (line ${line})`),
        });
        assert.equal(lines.length, 1);
        assert.match(lines[0] ?? "", new RegExp(message));
        assert.match(
          lines[0] ?? "",
          /; the file may be cut off, as its last line has no line end/,
        );
        await taken(db);
      }
    },
  ),
  behaviour(
    "load refuses a value of 10 MB with its line, and loads it with a larger maxLine",
    async (db) => {
      const long = "x".repeat(LONG);
      const csv = `id,name\n1,Algol\n2,${long}\n3,Mira\n`;
      const quoted = csv.replace(long, `"${long}`);
      const ndjson = `{"id":1,"name":"Algol"}\n{"id":2,"name":"${long}"}\n`;
      for (
        const [content, line] of [[csv, 3], [quoted, 3], [ndjson, 2]] as const
      ) {
        await assert.rejects(
          loaded(db, content, { onRejected: () => {} }),
          (error) =>
            error instanceof LimitError && error.limit === "maxLine" &&
            new RegExp(
              `line ${line}: it has more than 8388608 bytes in a line.*No row was written$`,
            ).test(error.message),
        );
      }
      const notes = `{"id":1,"name":"Vega","notes":{"text":"${long}"}}\n`;
      await loaded(db, notes, { limits: { maxLine: 2 * LONG } });
      const star = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.equal(JSON.stringify(star?.notes), `{"text":"${long}"}`);
    },
  ),
  behaviour(
    "load counts blank lines, and names the lines after them",
    async (db) => {
      for (
        const [first, bad] of [
          ["id,name\n1,Algol", "x,Mira"],
          ['{"id":1,"name":"Algol"}', '{"id":"x","name":"Mira"}'],
          ['\n\n{"id":1,"name":"Algol"}', '{"id":"x","name":"Mira"}'],
        ] as const
      ) {
        const blank = 200_000;
        const line = first.split("\n").length + blank + 1;
        await assert.rejects(
          loaded(db, `${first}\n${"\n".repeat(blank)}${bad}\n`),
          new RegExp(`id must be .*line ${line}\\)`),
        );
      }
    },
  ),
  behaviour(
    "load names the line that is not UTF-8 after many valid lines, and refuses a long line among them",
    async (db) => {
      const count = 60_000;
      const csv = `id,name\n${
        Array.from({ length: count }, (_, at) => `${at},star ${at}\n`).join("")
      }`;
      const bytes = new TextEncoder().encode(`${csv}1,?\n`);
      bytes[bytes.length - 2] = 0xff;
      await assert.rejects(
        loaded(db, bytes, { dryRun: true }),
        new RegExp(`line ${count + 2} is not valid UTF-8`),
      );
      await assert.rejects(
        loaded(db, `${csv}1,${"x".repeat(100)}\n`, {
          ...{ dryRun: true, limits: { maxLine: 100 } },
        }),
        (error) =>
          error instanceof LimitError &&
          new RegExp(`line ${count + 2}: `).test(error.message),
      );
    },
  ),
  behaviour(
    "load sets 100 lines with malformed quotes aside, and refuses a file with more",
    async (db) => {
      const csv = (count: number): string =>
        `id,name\n${'1,"a"b\n'.repeat(count)}2,Mira\n`;
      const onRejected = (): void => {};
      const report = await loaded(db, csv(100), { onRejected });
      assert.deepEqual([report.inserted, report.rejected], [1, 100]);
      await assert.rejects(
        loaded(db, csv(101), { onRejected }),
        /line 102 .*more than 100 lines have malformed quotes/,
      );
    },
  ),
];
