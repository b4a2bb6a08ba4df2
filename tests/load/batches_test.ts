// Batches that store their rows by column have the same rows, and refuse the same ones, as rows that are converted one by one.
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { z } from "zod";
import { type Batch, batchesOf } from "../../src/load/batch.ts";
import { csvRecords } from "../../src/load/input/csv.ts";
import { openSource } from "../../src/load/input/source.ts";
import { textPieces } from "../../src/load/input/texts.ts";
import { loadSettings } from "../../src/load/options.ts";
import { rowsFromCells } from "../../src/load/rows/from_cells.ts";
import { readRows } from "../../src/load/rows/read_rows.ts";
import { ROUNDS } from "../support/rounds.ts";
import { PARQUET_TYPES } from "../support/parquet_types.ts";

const Item = defineModel("item", {
  fields: z.object({
    id: z.int64(),
    count: z.int32().nullable(),
    size: z.float64().nullable(),
    single: z.float32().default(1.5),
    name: z.string().nullable(),
    isGood: z.boolean().nullable(),
    time: z.date().nullable(),
    tags: z.array(z.string()).nullable(),
  }),
  primaryKey: ["id"],
});

const EMPTY = new Uint8Array();

/** Cells: most are valid. */
const cells: Readonly<Record<string, fc.Arbitrary<string>>> = {
  id: most(["1", "516171791415015025", "-7"], ["9223372036854775808", "x"]),
  count: most(["3", "", "3.0", "-2147483648"], ["1.5", "9999999999", '""']),
  size: most(["20.1", "", "1e-3", "-0", "NaN", " inf "], ["20,1", "0x1f"]),
  single: most(["0.1", "", "7"], ["1e99", "one"]),
  name: most(["ZTF18a", "", '""', '"a,b"', '"a\nb"', "é", "NULL"], ['"a""b"']),
  isGood: most(["true", "f", "", "1"], ["maybe"]),
  time: most(["2018-06-01T04:07:22.125Z", ""], ["2018-02-30"]),
  tags: most(['"[""a"",null]"', ""], ["a"]),
};
const line = fc.oneof(
  { weight: 20, arbitrary: fc.record(cells) },
  fc.constantFrom("", "1,2", "1,2,3,4,5,6,7,8,9"),
);

function most(
  valid: readonly string[],
  wrong: readonly string[],
): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...valid) },
    fc.constantFrom(...wrong),
  );
}

const { reading } = loadSettings(Item, {});
/** The beginning of a file is parsed as text: no more of it than the longest line may have. */
const MAX_LINE = 150;
const { reading: shortReading } = loadSettings(Item, {
  limits: { maxLine: MAX_LINE },
});

async function partsOf(text: string) {
  const input = await openSource(new Blob([text]).stream());
  return readRows(input, reading);
}

/** Reads a text in parts of some sizes, with a beginning that is as short as possible, and counts the lines that no parser read. */
function readPlain(
  text: string,
  sizes: readonly number[],
  count: (lines: number) => void,
) {
  const { rules, limits } = shortReading;
  const bytes = new TextEncoder().encode(text);
  async function* parts() {
    for (let [at, from] = [0, 0]; from < bytes.length; at++) {
      const end = from + (sizes[at % sizes.length] ?? 1);
      yield await Promise.resolve(bytes.subarray(from, end));
      from = end;
    }
  }
  async function* records() {
    const file = { name: "the stream", model: Item.name, limits };
    const pieces = textPieces(parts(), file.model, file.name);
    for await (const part of csvRecords(pieces, { ...file, format: "csv" })) {
      if ("plain" in part) count(part.plain.length);
      yield part;
    }
  }
  return rowsFromCells(records(), Item, rules, "the stream");
}

/** Returns the rows of batches with their places, and the malformed rows. */
function contentOf(batches: readonly Batch[]) {
  return {
    rows: batches.flatMap(({ rows, place, raw }) =>
      Array.from(
        rows,
        (row, at) => ({ ...place(at), row: { ...row }, raw: raw(at) }),
      )
    ),
    malformed: batches.flatMap(({ malformed }) => malformed),
    last: batches.at(-1)?.range.end,
  };
}

/** Returns the text of a file with some lines. */
function fileOf(
  lines: readonly (string | Readonly<Record<string, string>>)[],
  end: string,
): string {
  return [
    Object.keys(cells).join(),
    ...lines.map((one) =>
      typeof one === "string" ? one : Object.values(one).join()
    ),
  ].join(end) + end;
}

Deno.test("rows that are stored by column are those that are converted one by one", async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 12 }),
      fc.constantFrom("\n", "\r\n"),
      async (lines, end) => {
        const text = fileOf(lines, end);
        const columns = await Array.fromAsync(
          batchesOf(await partsOf(text), Infinity, [], true),
        );
        const objects = await Array.fromAsync(
          batchesOf(withoutColumns(await partsOf(text)), Infinity, [], true),
        );
        assert.deepEqual(contentOf(columns), contentOf(objects));
        refused += contentOf(columns).malformed.length;
      },
    ),
    { numRuns: 300 * ROUNDS, seed: 20_261_130 },
  );
  assert.ok(refused > 50, `${refused} rows were refused`);
});

Deno.test("lines whose cells are found in their bytes have the rows of lines that are parsed", async () => {
  const plainCells = { ...cells, name: fc.constantFrom("ZTF18a", "", "NULL") };
  const plainLine = fc.record({ ...plainCells, tags: fc.constant("") });
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof({ weight: 9, arbitrary: plainLine }, line),
        { minLength: 5, maxLength: 20 },
      ),
      fc.constantFrom("\n", "\r\n"),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
      async (lines, end, sizes) => {
        const text = fileOf(lines, end);
        const rows = readPlain(text, sizes, (lines) => plain += lines);
        const found = await Array.fromAsync(
          batchesOf(rows, Infinity, [], true),
        );
        const parsed = await Array.fromAsync(
          batchesOf(await partsOf(text), Infinity, [], true),
        );
        assert.deepEqual(contentOf(found), contentOf(parsed));
      },
    ),
    { numRuns: 300 * ROUNDS, seed: 20_261_130 },
  );
  assert.ok(plain > 300, `${plain} lines were plain`);
});

async function* withoutColumns(parts: ReturnType<typeof readRows>) {
  for await (const { length, characters, rows, raw } of parts) {
    yield { length, characters, rows, raw };
  }
}

/** The values of a Parquet column of each type: integers that a float holds, and others. */
const PARQUET_VALUES = {
  INT32: [1, -7, 2_147_483_647, null],
  INT64: [1n, -7n, 2n ** 53n + 1n, 2n ** 40n, null],
  FLOAT: [1, 0.5, -0, NaN, null],
  DOUBLE: [1, 0.1, 2 ** 60, 1e300, NaN, null],
  BOOLEAN: [true, false, null],
  STRING: ["1", "20.1", "x", "2018-06-01", '["a"]', "", null],
} as const;

Deno.test("columns of Parquet have the rows that are converted one by one", async () => {
  const path = await Deno.makeTempFile();
  const settings = loadSettings(Item, {});
  let refused = 0;
  try {
    for (const { name: field } of Item.fields) {
      for (const type of PARQUET_TYPES) {
        const values: readonly unknown[] = PARQUET_VALUES[type];
        // Valid values are also between others.
        const data = values.flatMap((value) => [value, values[0], null]);
        const columnData: ColumnSource[] = [
          { name: field, data, type, nullable: true },
        ];
        if (field !== "id") {
          columnData.push({
            name: "id",
            data: data.map((_, at) => at),
            type: "INT32",
          });
        }
        await Deno.writeFile(
          path,
          new Uint8Array(parquetWriteBuffer({ columnData })),
        );
        const read = async () =>
          readRows(await openSource(path), settings.reading);
        const columns = await Array.fromAsync(
          batchesOf(await read(), Infinity, [], true),
        );
        const objects = await Array.fromAsync(
          batchesOf(withoutColumns(await read()), Infinity, [], true),
        );
        const found = contentOf(columns);
        const expected = contentOf(objects);
        assert.deepEqual(
          { ...found, rows: found.rows.map(withIntegers) },
          { ...expected, rows: expected.rows.map(withIntegers) },
          `${type} to ${field}`,
        );
        refused += found.malformed.length;
      }
    }
    assert.ok(refused > 10, `${refused} rows were refused`);
  } finally {
    await Deno.remove(path);
  }
});

/** Gives a small integer of 64 bits the type of a large one: both are written alike. */
function withIntegers<T extends { readonly row: object }>(item: T): T {
  const id: unknown = Reflect.get(item.row, "id");
  return Number.isSafeInteger(id)
    ? { ...item, row: { ...item.row, id: BigInt(Number(id)) } }
    : item;
}

Deno.test("a batch ends after 20,000 rows, at the limit, and around loaded rows", async () => {
  const text = `id\n${
    Array.from({ length: 50_000 }, (_, at) => `${at}\n`).join("")
  }`;
  const batches = await Array.fromAsync(
    batchesOf(await partsOf(text), 41_000, [
      { first: 100, end: 200 },
      { first: 25_000, end: 30_000 },
    ], true),
  );
  assert.deepEqual(batches.map(({ range }) => [range.first, range.end]), [
    ...[[0, 100], [200, 20_000], [20_000, 25_000], [30_000, 40_000]],
    [40_000, 46_100],
  ]);
  for (const { range: { first, end }, rows, place, raw } of batches) {
    assert.deepEqual({ ...rows.at(0) }, { id: BigInt(first) });
    assert.equal(rows.length, end - first);
    assert.deepEqual(place(rows.length - 1), { line: end + 1, index: end - 1 });
    assert.deepEqual(raw(0), { id: `${first}` });
    assert.deepEqual(raw(rows.length - 1), { id: `${end - 1}` });
    assert.equal(raw(rows.length), undefined);
  }
});

Deno.test("a batch of long rows ends after some megabytes of text", async () => {
  const long = "x".repeat(1 << 20);
  const text = `id,name\n${
    Array.from({ length: 40 }, (_, at) => `${at},${long}\n`).join("")
  }`;
  const ranges = (await Array.fromAsync(
    batchesOf(await partsOf(text), Infinity, [], true),
  )).map(({ range }) => range.end - range.first);
  assert.equal(ranges.reduce((sum, size) => sum + size), 40);
  assert.ok(Math.max(...ranges) <= 17, ranges.join());
});

Deno.test("an empty file is NDJSON without rows, if its name or the option says so", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const rowsOf = async (name: string, format?: "ndjson" | "csv") => {
      const path = join(folder, name);
      await Deno.writeFile(path, name.endsWith(".gz") ? gzipSync("") : EMPTY);
      const given = loadSettings(Item, format === undefined ? {} : { format });
      const input = await openSource(path);
      return await Array.fromAsync(readRows(input, given.reading));
    };
    assert.deepEqual(await rowsOf("a.ndjson"), []);
    assert.deepEqual(await rowsOf("a.jsonl.gz"), []);
    assert.deepEqual(await rowsOf("a.txt", "ndjson"), []);
    await assert.rejects(rowsOf("a.csv"), /a\.csv is empty/);
    await assert.rejects(rowsOf("a.ndjson", "csv"), /a\.ndjson is empty/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("millions of blank lines are skipped, and counted as lines", async () => {
  const blank = 2_000_000;
  for (const end of ["\n", "\r\n"]) {
    const text = `id,name${end}1,a${end}${end.repeat(blank)}2,b${end}`;
    const batches = await Array.fromAsync(
      batchesOf(await partsOf(text), Infinity, [], true),
    );
    assert.deepEqual(
      contentOf(batches).rows.map(({ line, index }) => [line, index]),
      [[2, 0], [blank + 3, 1]],
    );
  }
});
