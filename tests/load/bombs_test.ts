// Compressed files of 10 GB, and files that declare 2 GB: each is refused by name and soon, and the process stays within 300 MB.
import assert from "node:assert/strict";
import { join } from "node:path";
import { constants, deflateRawSync } from "node:zlib";
import { joined } from "../support/avro.ts";
import { program, ROOT } from "../support/program.ts";

const MEGABYTE = 1 << 20;
/** Megabytes of each file after decompression. */
const SIZE = 10 << 10;
const HEADER = new TextEncoder().encode("id,name\n");

/** A gzip file that begins with the header, and then repeats a content of 1 MB. It has no end: nobody reads so far. */
function gzip(header: Uint8Array, content: Uint8Array): Uint8Array {
  const options = { finishFlush: constants.Z_FULL_FLUSH };
  const start = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
  const block = deflateRawSync(content, options);
  return joined(
    new Uint8Array(start),
    deflateRawSync(header, options),
    ...Array<Uint8Array>(SIZE).fill(block),
  );
}

/** A zstd frame of the header, and then of blocks that repeat a byte 131,072 times. */
function zstd(header: Uint8Array, byte: number): Uint8Array {
  const blockSize = 128 << 10;
  const frame = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
  return joined(
    new Uint8Array(frame),
    block(0, header.length, header),
    ...Array<Uint8Array>(SIZE * MEGABYTE / blockSize).fill(
      block(1, blockSize, new Uint8Array([byte])),
    ),
    // The last block is empty.
    new Uint8Array([1, 0, 0]),
  );
}

function block(type: number, size: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(3 + content.length);
  const header = size << 3 | type << 1;
  bytes.set([header & 255, header >> 8 & 255, header >> 16]);
  bytes.set(content, 3);
  return bytes;
}

/** A quoted value without an end whose quotes are wrong, each before white space that is far away. */
const QUOTES = `${'a"'.repeat(1 << 16)}${" ".repeat(1 << 16)},`;

/** The files that one process refuses. */
const OTHERS = [
  ...["zeros.gz", "one_line.gz", "zeros.zst", "one_line.zst"],
  ...["wrong_quotes.gz", "many_values.gz", "empty_texts.gz"],
  ...["declared.parquet", "declared.avro"],
];

/** The length of the metadata, 2 GB, at the end of a Parquet file. */
const PARQUET_END = new Uint8Array(
  [0xff, 0xff, 0xff, 0x7f, ...new TextEncoder().encode("PAR1")],
);

Deno.test("bombs of 10 GB, and files that declare 2 GB, are refused within 300 MB", async () => {
  const zeros = new Uint8Array(MEGABYTE);
  const line = new Uint8Array(MEGABYTE).fill(97);
  const encoder = new TextEncoder();
  const files = {
    "zeros.gz": gzip(new Uint8Array(), zeros),
    "one_line.gz": gzip(HEADER, line),
    "long_rows.gz": gzip(HEADER, encoder.encode(`1,${"a".repeat(MEGABYTE)}\n`)),
    "blank_lines.gz": gzip(
      encoder.encode('{"id":1}\n'),
      encoder.encode("\n".repeat(MEGABYTE)),
    ),
    "zeros.zst": zstd(new Uint8Array(), 0),
    "one_line.zst": zstd(HEADER, 97),
    "wrong_quotes.gz": gzip(
      encoder.encode('id,name\n1,"'),
      encoder.encode(QUOTES),
    ),
    "many_values.gz": gzip(
      encoder.encode('id,name\n"1"'),
      encoder.encode(",ab".repeat(1 << 18)),
    ),
    "empty_texts.gz": gzip(HEADER, encoder.encode('"",'.repeat(1 << 18))),
    "declared.parquet": joined(encoder.encode("PAR1"), PARQUET_END),
    "declared.avro": new Uint8Array(
      [0x4f, 0x62, 0x6a, 1, 2, 0xfe, 0xff, 0xff, 0xff, 0x0f],
    ),
  };
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(join(folder, name), bytes);
    }
    for (const name of ["long_rows.gz", "blank_lines.gz"]) {
      assert.deepEqual(await outcomesOf(folder, [name]), [
        `${name} maxRatio`,
        "within 300 MB",
      ]);
    }
    const binary =
      "is a binary file: it contains NUL bytes. No row was written";
    assert.deepEqual(await outcomesOf(folder, OTHERS), [
      `zeros.gz ${binary}`,
      "one_line.gz maxLine",
      `zeros.zst ${binary}`,
      "one_line.zst maxLine",
      "wrong_quotes.gz maxLine",
      "many_values.gz maxLine",
      "empty_texts.gz maxLine",
      "declared.parquet maxBlock",
      "declared.avro maxBlock",
      "within 300 MB",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Loads files in one process. Returns the reason of each refusal, and whether the process stayed within 300 MB. */
async function outcomesOf(
  folder: string,
  names: readonly string[],
): Promise<string[]> {
  const main = join(folder, `${names[0]}.ts`);
  await Deno.writeTextFile(
    main,
    `import { load } from "@alerce/db-plugins/load";
    import { Star, SUITE_MODELS } from "file://${ROOT}src/testing/models.ts";
    import { memoryEngine } from "file://${ROOT}tests/memory/engine.ts";
    await using db = await memoryEngine.open(SUITE_MODELS);
    await db.createDb();
    for (const name of ${JSON.stringify(names)}) {
      await load(db, Star, "${folder}/" + name, { dryRun: true }).catch((error) =>
        console.log(name, error.limit ?? error.message.replace(/.*\\.(gz|zst) /, ""))
      );
    }
    const status = await Deno.readTextFile("/proc/self/status");
    const [, kilobytes] = /VmHWM:\\s+(\\d+)/.exec(status) ?? [];
    console.log(Number(kilobytes) < 300 * 1024 ? "within 300 MB" : kilobytes);`,
  );
  const { out, err } = await program([main]);
  assert.equal(err, "");
  return out.trimEnd().split("\n");
}
