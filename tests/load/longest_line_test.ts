// The longest row that `maxLine` allows, in each reader of lines.
import { defineModel, LimitError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import { fileLines } from "../../src/files/read/lines.ts";
import { limitsOf } from "../../src/files/read/limits.ts";
import { openSource } from "../../src/load/input/source.ts";
import { loadSettings } from "../../src/load/options.ts";
import { readRows } from "../../src/load/rows/read_rows.ts";

const Item = defineModel("item", {
  fields: z.object({ id: z.int64(), name: z.string().nullable() }),
  primaryKey: ["id"],
});

/** Reads a text with a limit, and returns the number of its rows, or the message of the limit. */
async function outcome(text: string, maxLine: number): Promise<unknown> {
  const { reading } = loadSettings(Item, { limits: { maxLine } });
  const input = await openSource(new Blob([text]).stream());
  let rows = 0;
  try {
    for await (const { length } of readRows(input, reading)) rows += length;
    return rows;
  } catch (error) {
    assert.ok(error instanceof LimitError && error.limit === "maxLine");
    return error.message;
  }
}

/** Files whose longest row is in line 3, and the number of its characters, without quotes. */
const FILES: Readonly<Record<string, readonly [string, number]>> = {
  "NDJSON": ['{"id":1}\n\n{"id":2,"name":"é€"}\n{"id":3}\n', 20],
  "NDJSON without a line end": ['{"id":1}\n\n{"id":2,"name":"é€"}', 20],
  "CSV": ["id,name\n1,a\n2,a long name é\n3,b\n", 15],
  "CSV without a line end": ["id,name\n1,a\n2,a long name é", 15],
  "a quoted value": ['id,name\n1,a\n2,"a longer\nname"\n3,b\n', 15],
  "a malformed line": ['id,name\n1,a\n2,"a"long name\n3,b\n', 14],
};

for (const [name, [text, length]] of Object.entries(FILES)) {
  Deno.test(`the longest row may have maxLine characters: ${name}`, async () => {
    const rows = await outcome(text, 1_000);
    assert.equal(await outcome(text, length), rows);
    assert.match(
      String(await outcome(text, length - 1)),
      new RegExp(`line 3: it has more than ${length - 1} bytes in a line`),
    );
  });
}

Deno.test("the longest line of alerts may have maxLine bytes", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "a\n12345678é\nb\n");
    const linesOf = (maxLine: number) =>
      Array.fromAsync(fileLines(path, limitsOf("load", { maxLine })));
    assert.deepEqual((await linesOf(10)).map(({ number }) => number), [
      1,
      2,
      3,
    ]);
    await assert.rejects(
      linesOf(9),
      (error) =>
        error instanceof LimitError && /, line 2: /.test(error.message),
    );
  } finally {
    await Deno.remove(path);
  }
});
