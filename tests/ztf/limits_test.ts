// Files of alerts beyond a limit are refused before memory is used for them.
import { LimitError, QueryError, ValidationError } from "@alerce/db-plugins";
import {
  alertFromJson,
  type AlertLimits,
  alertsFromAvro,
  readAlerts,
} from "@alerce/db-plugins/ztf";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  block,
  container,
  deflated,
  joined,
  long,
  text,
} from "../support/avro.ts";

/** The schema of the least packet. */
const ALERT = {
  type: "record",
  name: "alert",
  fields: [
    { name: "objectId", type: "string" },
    { name: "candid", type: "long" },
    {
      name: "candidate",
      type: { type: "record", name: "candidate", fields: [] },
    },
  ],
};
const PACKET = joined(text("ZTF18aaxlzgi"), long(516171791415015025n));

async function withFile(
  name: string,
  chunks: Iterable<Uint8Array>,
  check: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/${name}`;
  try {
    using file = await Deno.create(path);
    for (const bytes of chunks) await file.write(bytes);
    await check(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function* repeated(bytes: Uint8Array, times: number): Generator<Uint8Array> {
  for (let time = 0; time < times; time++) yield bytes;
}

/** The bytes of this isolate: the other tests of the process run in isolates of their own. */
function memory(): number {
  const { heapTotal, external } = Deno.memoryUsage();
  return heapTotal + external;
}

/** The bytes that reading used at most, beyond those before. */
async function memoryOf(work: () => Promise<void>): Promise<number> {
  const before = memory();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, memory());
  }, 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, memory()) - before;
}

function isBeyond(
  limit: keyof AlertLimits,
  position: RegExp,
): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof LimitError, String(error));
    assert.equal(error.limit, limit);
    assert.match(error.message, position);
    assert.match(error.message, new RegExp(`more than ${error.allowed}`));
    return true;
  };
}

const MEGABYTE = new Uint8Array(1 << 20).fill(97);

for (const name of ["alerts.ndjson", "alerts.ndjson.gz"]) {
  Deno.test(`a line without an end in ${name} ends in a LimitError that names the line, within 300 MB`, async () => {
    const start = new TextEncoder().encode('\n{"objectId": "');
    // A gzip file may consist of several parts.
    const [first, more] = name.endsWith(".gz")
      ? [gzipSync(start), gzipSync(MEGABYTE)]
      : [start, MEGABYTE];
    const chunks = [first, ...repeated(more, 100)];
    await withFile(name, chunks, async (path) => {
      const used = await memoryOf(() =>
        assert.rejects(
          Array.fromAsync(readAlerts(path)),
          isBeyond("maxLine", /alerts\.ndjson(?:\.gz)?, line 2: /),
        )
      );
      assert.ok(used < 300e6, `${used} bytes`);
    });
  });
}

Deno.test("a compressed file that grows too much ends in a LimitError", async () => {
  const blank = gzipSync(new Uint8Array(1 << 20).fill(32).fill(10, -1));
  await withFile("alerts.ndjson.gz", repeated(blank, 70), async (path) => {
    await assert.rejects(
      Array.fromAsync(readAlerts(path)),
      isBeyond("maxRatio", /alerts\.ndjson\.gz: it has more than 200 times/),
    );
    const alerts = readAlerts(path, { maxRatio: Infinity });
    assert.deepEqual(await Array.fromAsync(alerts), []);
  });
});

Deno.test("a .json file beyond maxLine ends in a LimitError", () =>
  withFile("alert.json", [new Uint8Array(2_000).fill(32)], async (path) => {
    await assert.rejects(
      Array.fromAsync(readAlerts(path, { maxLine: 1_999 })),
      isBeyond("maxLine", /alert\.json: /),
    );
  }));

Deno.test("an Avro file is read block by block, and an error names the alert", async () => {
  const wrong = joined(text(""), long(1));
  const bytes = container(
    ALERT,
    "deflate",
    deflated(PACKET),
    deflated(PACKET),
    deflated(wrong),
  );
  await withFile("alerts.avro", [bytes], async (path) => {
    const alerts = readAlerts(path);
    const { value } = await alerts.next();
    assert.equal(value?.candid, 516171791415015025n);
    await alerts.next();
    await assert.rejects(alerts.next(), (error) => {
      assert.ok(error instanceof ValidationError);
      assert.equal(error.rows[0]?.index, 2);
      assert.match(error.message, /objectId must be a string.*alerts\.avro/);
      return true;
    });
  });
});

Deno.test("an Avro block beyond maxBlock ends in a LimitError that names the block, within 300 MB", async () => {
  const bomb = container(
    ALERT,
    "deflate",
    deflated(PACKET),
    deflated(new Uint8Array(100 << 20)),
  );
  const claims = container(
    ALERT,
    "null",
    block(PACKET),
    block(PACKET, { length: 2n ** 31n }),
  );
  for (const bytes of [bomb, claims]) {
    const used = await memoryOf(() =>
      assert.rejects(
        alertsFromAvro(bytes),
        isBeyond("maxBlock", /the Avro container, block 2: /),
      )
    );
    assert.ok(used < 300e6, `${used} bytes`);
  }
  const small = container(ALERT, "deflate", deflated(PACKET));
  await assert.rejects(
    alertsFromAvro(small, { maxBlock: 10 }),
    isBeyond("maxBlock", /header/),
  );
});

Deno.test("Avro packets with more values or levels than allowed end in a LimitError", async () => {
  const withItems = (items: unknown): unknown => ({
    ...ALERT,
    fields: [...ALERT.fields, { name: "list", type: { type: "array", items } }],
  });
  const claimed = container(
    withItems("null"),
    "null",
    block(joined(PACKET, long(2n ** 62n))),
  );
  await assert.rejects(
    alertsFromAvro(claimed),
    isBeyond("maxValues", /block 1: it has more than 1000000 values/),
  );
  // A record of records of records…, without a byte in any of them.
  let doubled: unknown = { type: "record", name: "r0", fields: [] };
  for (let level = 1; level < 40; level++) {
    const fields = [
      { name: "a", type: doubled },
      { name: "b", type: `r${level - 1}` },
    ];
    doubled = { type: "record", name: `r${level}`, fields };
  }
  await assert.rejects(
    alertsFromAvro(
      container(withItems(doubled), "null", block(joined(PACKET, long(1)))),
    ),
    isBeyond("maxValues", /block 1/),
  );
  const linked = withItems({
    type: "record",
    name: "link",
    fields: [{ name: "next", type: ["null", "link"] }],
  });
  const chain = joined(PACKET, long(1), ...repeated(long(1), 100_000));
  await assert.rejects(
    alertsFromAvro(container(linked, "null", block(chain))),
    isBeyond("maxLevels", /block 1: it has more than 1000 levels/),
  );
  let deep: unknown = "int";
  for (let level = 0; level < 5_000; level++) {
    deep = { type: "array", items: deep };
  }
  await assert.rejects(
    alertsFromAvro(container(deep, "null", block(PACKET))),
    isBeyond("maxLevels", /header/),
  );
});

Deno.test("a wrong Avro container is a ValidationError", async () => {
  const block1 = block(PACKET);
  const wrong = {
    "is truncated": [container(ALERT, "null", block1).slice(0, -1)],
    "has a wrong end": [container(ALERT, "null", block1).fill(0, -16)],
    'compressed with "snappy"': [container(ALERT, "snappy", block1)],
    "contains no alert": [container(ALERT, "null")],
    'unknown type \\"nothing\\"': [
      container({ ...ALERT, fields: [{ name: "a", type: "nothing" }] }, "null"),
    ],
    "not a readable Avro container": [
      container(ALERT, "deflate", block1),
      container(ALERT, "null", block(PACKET, { count: -1n })),
      container(ALERT, "null", block(PACKET, { length: -1n })),
    ],
  };
  for (const [reason, containers] of Object.entries(wrong)) {
    for (const bytes of containers) {
      await assert.rejects(
        alertsFromAvro(bytes),
        (error) =>
          error instanceof ValidationError &&
          error.message.includes(reason.replaceAll("\\", "")),
        reason,
      );
    }
  }
});

Deno.test("a JSON packet that is nested too deep ends in a LimitError", () => {
  for (const levels of [1_001, 100_000]) {
    const nested = "[".repeat(levels) + "]".repeat(levels);
    assert.throws(
      () =>
        alertFromJson(
          `{"objectId":"a","candid":1,"candidate":{},"more":${nested}}`,
        ),
      isBeyond("maxLevels", /the alert: it has more than 1000 levels/),
    );
  }
  assert.throws(
    () =>
      alertFromJson('{"objectId":"a","candid":1,"candidate":{}}', {
        maxLevels: 1,
      }),
    isBeyond("maxLevels", /more than 1 levels/),
  );
});

Deno.test("a JSON packet that is too long, or has too many values, ends in a LimitError", () => {
  const packet = (more: string): string =>
    `{"objectId":"a","candid":1,"candidate":{},"more":[${more}]}`;
  assert.throws(
    () => alertFromJson(packet('"' + "x".repeat(9 << 20) + '"')),
    isBeyond("maxLine", /the alert: it has \d+ bytes in a line/),
  );
  for (const part of ["1", "[]", "{}", '"a"']) {
    assert.throws(
      () => alertFromJson(packet(`${`${part},`.repeat(1_000_000)}1`)),
      isBeyond("maxValues", /the alert: it has more than 1000000 values/),
    );
  }
  assert.equal(alertFromJson(packet(`${"1,".repeat(900_000)}1`)).candid, 1n);
  assert.throws(
    () => alertFromJson(packet("1,2,3"), { maxValues: 7 }),
    isBeyond("maxValues", /more than 7 values/),
  );
});

Deno.test("an unknown or a wrong limit is a QueryError", async () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [
      { maxLines: 1 },
      /readAlerts: it has no limit maxLines; did you mean maxLine\?/,
    ],
    [{ maxLine: 0 }, /maxLine must be a number above 0/],
    [{ maxLine: "1" }, /maxLine must be a number above 0/],
  ];
  for (const [limits, message] of wrong) {
    await assert.rejects(
      Array.fromAsync(readAlerts("none.ndjson", limits)),
      (error) => error instanceof QueryError && message.test(error.message),
    );
  }
});
