// What exportRows writes, load reads back to equal rows: every type, null, empty texts, NaN, infinities, bytes, microseconds.
import {
  type AnyModel,
  bytes,
  type Connection,
  defineModel,
  type InsertOf,
  int16,
} from "@alerce/db-plugins";
import { type ExportFormat, exportRows } from "@alerce/db-plugins/export";
import { load } from "@alerce/db-plugins/load";
import { Star } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { property, stars } from "../support/arbitraries.ts";
import { oneAnswer, onEveryEngine, refill } from "../support/every_engine.ts";
import { memoryEngine } from "../memory/engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const FORMATS: readonly ExportFormat[] = ["csv", "tsv", "ndjson", "parquet"];

/** Types and values that a star has not. */
const Sample = defineModel("sample", {
  fields: z.object({
    id: z.int32(),
    small: int16().nullable(),
    smalls: z.array(int16()).nullable(),
    text: z.string().nullable(),
    whole: z.int64().nullable(),
    level: z.float64().nullable().meta({ nan: "keep" }),
    single: z.float32().nullable().meta({ nan: "keep" }),
    raw: bytes().nullable(),
    time: z.date().nullable(),
    names: z.array(z.string().nullable()).nullable(),
    wholes: z.array(z.int64()).nullable(),
    levels: z.array(z.float64()).nullable().meta({ nan: "keep" }),
    times: z.array(z.date()).nullable(),
    extra: z.unknown().nullable(),
  }),
  primaryKey: ["id"],
});

type SampleInsert = InsertOf<typeof Sample>;

const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 4 });
const text = fc.array(
  fc.constantFrom(..."a,\"';|\t\n\r\\é☉🔭 \uFEFF{[", "null", "NaN", "\r\n"),
  { maxLength: 4 },
).map((parts) => parts.join(""));
const whole = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 2n ** 53n + 1n),
);
const small = fc.integer({ min: -32768, max: 32767 });
const float = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 1e20, 5e-324, 2 ** 60),
);
const time = fc.constantFrom(
  "1783-05-12T21:00:00.001Z",
  "2018-06-01T04:07:22.125Z",
  "-000043-03-15T12:00:00.999Z",
  "+012018-06-01T00:00:00.000Z",
).map((text) => new Date(text));
const json = fc.oneof(
  fc.constantFrom<NonNullable<unknown>[]>(
    ...["", "x", '"', "null", 0, 1.5, true, 2n ** 53n + 1n],
    ...[[1, null, "2"], { a: { "b,": [] }, "": "\n" }],
  ),
);

const sample: fc.Arbitrary<SampleInsert> = fc.record({
  id: fc.integer({ min: -2147483648, max: 2147483647 }),
  small: orNull(small),
  smalls: orNull(fc.array(small, { maxLength: 3 })),
  text: orNull(text),
  whole: orNull(whole),
  level: orNull(float),
  single: orNull(float.map(Math.fround)),
  raw: orNull(fc.uint8Array({ maxLength: 5 })),
  time: orNull(time),
  names: orNull(fc.array(orNull(text), { maxLength: 3 })),
  wholes: orNull(fc.array(whole, { maxLength: 3 })),
  levels: orNull(fc.array(float, { maxLength: 3 })),
  times: orNull(fc.array(time, { maxLength: 2 })),
  extra: orNull(json),
});
const samples = fc.uniqueArray(sample, {
  selector: ({ id }) => id,
  maxLength: 9,
});

/** Exports all rows, deletes them, loads the file, and compares the table. */
async function assertReadBack(
  db: Connection,
  model: AnyModel,
  format: ExportFormat,
): Promise<string> {
  const orderBy = { id: "asc" } as const;
  const rows = async () =>
    (await db.query(model).findAll({ orderBy })).map((row) => ({ ...row }));
  const before = await rows();
  const file = await Deno.makeTempFile({ suffix: `.${format}` });
  await exportRows(db, model, file, { orderBy });
  await db.query(model).deleteAll({ filterBy: {}, all: true });
  const report = await load(db, model, file);
  assert.equal(report.inserted, before.length);
  assert.deepEqual(await rows(), before);
  const content = await Deno.readFile(file);
  await Deno.remove(file);
  return content.toHex();
}

/** Orders the members of objects by length and then by name, as `jsonb` does. */
function withOrderedMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withOrderedMembers);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) =>
    one.length - other.length || (one < other ? -1 : 1)
  );
  return Object.fromEntries(
    members.map(([name, member]) => [name, withOrderedMembers(member)]),
  );
}

onEveryEngine(
  "load reads stars back from what exportRows writes, and every engine writes the same file",
  async (databases) => {
    await property(
      5 * ROUNDS,
      fc.tuple(stars, fc.constantFrom(...FORMATS)),
      async ([rows, format]) => {
        // PostgreSQL stores the members of JSON objects in an order of its own.
        const ordered = rows.map((row) => ({
          ...row,
          notes: withOrderedMembers(row.notes),
        }));
        await refill(databases, ordered);
        await oneAnswer(databases, (db) => assertReadBack(db, Star, format));
      },
    );
  },
);

onEveryEngine(
  "load reads values of every type back from what exportRows writes",
  async (databases) => {
    await property(
      8 * ROUNDS,
      fc.tuple(samples, fc.constantFrom(...FORMATS)),
      async ([rows, format]) => {
        await oneAnswer(databases, async (db) => {
          const query = db.query(Sample);
          await query.deleteAll({ filterBy: {}, all: true });
          await query.bulkInsert(rows);
          await assertReadBack(db, Sample, format);
          return true;
        });
      },
    );
  },
  [Sample],
);

Deno.test("an export keeps the sign of zeros of repeated values", async () => {
  await using db = await memoryEngine.open([Sample]);
  await db.createDb();
  const query = db.query(Sample);
  const zero = (id: number): number => id < 50 ? 0 : -0;
  await query.bulkInsert(
    Array.from({ length: 100 }, (_, id) => ({
      ...{ id, level: zero(id), single: zero(id) },
      levels: [zero(id), zero(id)],
    })),
  );
  for (const format of FORMATS) await assertReadBack(db, Sample, format);
  const [first, ...rest] = await query.findAll({ orderBy: { id: "asc" } });
  const last = rest.at(-1);
  assert.deepEqual(
    [first?.level, first?.single, first?.levels],
    [0, 0, [0, 0]],
  );
  assert.deepEqual(
    [last?.level, last?.single, last?.levels],
    [-0, -0, [-0, -0]],
  );
});
