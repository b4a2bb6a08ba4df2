// Avro containers into any model, and containers that are damaged, something else, or declare huge sizes.
import { LimitError, ValidationError } from "@alerce/db-plugins";
import { load, type RejectedLine } from "@alerce/db-plugins/load";
import assert from "node:assert/strict";
import { Star, SUITE_MODELS } from "../../src/testing/models.ts";
import type { Connection } from "../../src/connection/connection.ts";
import { memoryEngine } from "../memory/engine.ts";
import {
  block,
  container,
  deflated,
  joined,
  long,
  text,
} from "../support/avro.ts";

const SCHEMA = {
  type: "record",
  name: "star",
  fields: [
    { name: "id", type: "long" },
    { name: "name", type: "string" },
    { name: "mag", type: ["null", "double"] },
    {
      name: "seen",
      type: ["null", { type: "long", logicalType: "timestamp-micros" }],
    },
    { name: "labels", type: { type: "array", items: "string" } },
    { name: "notes", type: { type: "map", values: "long" } },
  ],
};

const BIG = 9_007_199_254_740_993n;
const TIME = 1_527_826_042_125_007n;
const NULL = long(0);
const NO_ITEMS = long(0);
const record = (id: bigint, name: string): Uint8Array =>
  joined(long(id), text(name), NULL, NULL, NO_ITEMS, NO_ITEMS);
const FULL = joined(
  ...[long(BIG), text("Deneb"), long(1)],
  new Uint8Array(new Float64Array([1.25]).buffer),
  ...[long(1), long(TIME)],
  ...[long(2), text("a"), text(""), NO_ITEMS],
  ...[long(1), text("n"), long(BIG), NO_ITEMS],
);

async function withStars(
  work: (
    db: Connection,
    loaded: (bytes: Uint8Array, options?: object) => ReturnType<typeof load>,
  ) => Promise<void>,
): Promise<void> {
  await using db = await memoryEngine.open(SUITE_MODELS);
  await db.createDb();
  await work(
    db,
    (bytes, options) =>
      load(db, Star, new Blob([bytes.slice()]).stream(), options),
  );
}

Deno.test("load reads Avro with exact integers, times, arrays and maps", async () => {
  await withStars(async (db, loaded) => {
    for (
      const file of [
        container(SCHEMA, "null", block(FULL), block(record(-2n, "Mira"))),
        container(
          SCHEMA,
          "deflate",
          deflated(FULL),
          deflated(record(-2n, "Mira")),
        ),
      ]
    ) {
      await db.query(Star).deleteAll({ filterBy: {}, all: true });
      assert.equal((await loaded(file)).inserted, 2);
      const [mira, deneb] = await db.query(Star).findAll({
        orderBy: { id: "asc" },
      });
      assert.deepEqual([mira?.name, mira?.mag, mira?.labels], [
        "Mira",
        null,
        [],
      ]);
      assert.deepEqual(
        [deneb?.id, deneb?.mag, deneb?.labels, deneb?.seen?.toISOString()],
        [BIG, 1.25, ["a", ""], "2018-06-01T04:07:22.125Z"],
      );
      assert.deepEqual(deneb?.notes, { n: BIG });
    }
  });
});

Deno.test("columns of Avro are mapped and skipped, and bad rows are set aside with their numbers", async () => {
  await withStars(async (_, loaded) => {
    const schema = {
      ...{ type: "record", name: "s" },
      fields: [{ name: "key", type: "string" }, {
        name: "name",
        type: "string",
      }],
    };
    const rows = [["1", "a"], ["x", "b"], ["3", "c"]].map((texts) =>
      block(joined(...texts.map(text)))
    );
    const file = container(schema, "null", ...rows);
    await assert.rejects(
      loaded(file),
      /has the column "key", which is not a field of star/,
    );
    const rejected: RejectedLine[] = [];
    const report = await loaded(file, {
      map: { key: "id" },
      onRejected: (row: RejectedLine) => void rejected.push(row),
    });
    assert.deepEqual([report.inserted, report.rejected], [2, 1]);
    assert.deepEqual([rejected[0]?.line, rejected[0]?.row], [
      2,
      { key: "x", name: "b" },
    ]);
  });
});

Deno.test("a damaged Avro file, another file, and huge declared sizes are refused by name", async () => {
  await withStars(async (db, loaded) => {
    const good = container(SCHEMA, "null", block(FULL));
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [good.subarray(0, -30), /stream is an Avro file that is truncated/],
      [good.subarray(0, 20), /is an Avro file that is truncated/],
      [
        new TextEncoder().encode("<!DOCTYPE html><html>404</html>"),
        /stream is an HTML page/,
      ],
      [
        container(SCHEMA, "snappy", block(FULL)),
        /is an Avro file that is compressed with "snappy"/,
      ],
      [
        container("string", "null", block(text("a"))),
        /is an Avro file whose schema is not a record/,
      ],
    ];
    for (const [bytes, message] of cases) {
      await assert.rejects(
        loaded(bytes, { format: "avro" }),
        (error) =>
          error instanceof ValidationError && message.test(error.message) &&
          /No row was written$/.test(error.message),
      );
    }
    for (
      const huge of [
        block(FULL, { length: 2n ** 31n }),
        block(joined(long(1), long(2n ** 31n))),
      ]
    ) {
      await assert.rejects(
        loaded(container(SCHEMA, "null", huge)),
        (error) =>
          error instanceof LimitError && /the stream/.test(error.message) ||
          error instanceof ValidationError &&
            /stream is an Avro file that is truncated/.test(error.message),
      );
    }
    assert.equal(await db.query(Star).count(), 0);
  });
});
