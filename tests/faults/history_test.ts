// The checker of histories finds every kind of violation.
import { ConnectionError, DbPluginsError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import {
  type Effect,
  OwnError,
  startHistory,
} from "../support/faults/history.ts";
import {
  Entry,
  FAULT_MODELS,
  Item,
  Pair,
  type Rows,
  statesOf,
} from "../support/faults/models.ts";
import { type Target, underFaults } from "../support/faults/run.ts";
import { memoryEngine } from "../memory/engine.ts";
import { pause } from "../../src/base/pause.ts";

const ROW: Effect = { key: "item 1", after: "a" };
const OTHER: Effect = { key: "item 2", after: "a" };

/** Checks states against one call that fails with the error, if there is one. */
async function checked(
  states: Record<string, string>,
  error?: unknown,
  effects: readonly Effect[] = [ROW, OTHER],
): Promise<readonly string[]> {
  const history = startHistory();
  await history.write(
    { name: "insert", effects, isAtomic: true },
    () => error === undefined ? Promise.resolve() : Promise.reject(error),
  );
  return history.check(new Map(Object.entries(states)));
}

/** An error of a write with an outcome. */
function failed(outcome: "applied" | "not applied" | "unknown"): Error {
  return Object.assign(new ConnectionError("lost"), { outcome });
}

const BOTH = { "item 1": "a", "item 2": "a" };

Deno.test("rows that match the results of their calls are right", async () => {
  assert.deepEqual(await checked(BOTH), []);
  assert.deepEqual(await checked(BOTH, failed("applied")), []);
  assert.deepEqual(await checked({}, failed("not applied")), []);
  assert.deepEqual(await checked({}, new OwnError()), []);
  assert.deepEqual(await checked(BOTH, failed("unknown")), []);
  assert.deepEqual(await checked({}, failed("unknown")), []);
});

Deno.test("each kind of violation is found", async () => {
  const cases: [Record<string, string>, unknown, RegExp][] = [
    [{}, undefined, /is applied, but item 1 is undefined/],
    [{ ...BOTH, "item 2": "a and a" }, undefined, /item 2 is a and a/],
    [{}, failed("applied"), /is applied, but item 1 is undefined/],
    [BOTH, failed("not applied"), /is not applied, but item 1 is a/],
    [BOTH, new OwnError(), /is not applied, but item 1 is a/],
    [{ "item 1": "b" }, failed("unknown"), /is unknown, but item 1 is b/],
    [{ "item 1": "a" }, failed("unknown"), /is atomic, but changed 1 rows/],
    [{ ...BOTH, "item 3": "a" }, undefined, /item 3 exists, and no call wrote/],
    [{}, new TypeError("a bug"), /failed without an outcome: TypeError/],
  ];
  for (const [states, error, expected] of cases) {
    assert.match((await checked(states, error)).join("\n"), expected);
  }
});

Deno.test("a bulk write that failed halfway is checked by its lists", async () => {
  const partly = {
    written: [{ id: 1n }],
    unwritten: [{ id: 2n }],
    unknown: [{ id: 3n }],
  };
  const error = Object.assign(new DbPluginsError("halfway"), {
    outcome: "unknown",
    partly,
  });
  const effects = [ROW, OTHER, { key: "item 3", after: "a" }];
  const check = (states: Record<string, string>) =>
    checked(states, error, effects);
  assert.deepEqual(await check({ "item 1": "a" }), []);
  assert.deepEqual(await check({ "item 1": "a", "item 3": "a" }), []);
  assert.match((await check({})).join(), /is applied, but item 1 is undefined/);
  assert.match((await check(BOTH)).join(), /is not applied, but item 2 is a/);
});

Deno.test("a row that is stored twice has a state of its own", () => {
  const entry = [{ op: "a", n: 1 }, { op: "a", n: 1 }];
  assert.deepEqual(
    [...statesOf({ item: [], pair: [], entry })],
    [["entry a 1", "a and a"]],
  );
});

Deno.test("a read that finds other rows than acknowledged is a violation", async () => {
  const history = startHistory();
  await history.read("read", () => Promise.resolve("a row is missing"));
  await history.read(
    "other",
    () => Promise.reject(new ConnectionError("lost")),
  );
  assert.deepEqual(history.check(new Map()), ["read: a row is missing"]);
});

/** A database in memory of which a check reads other rows than it stores. */
async function altered(
  change: (rows: Rows) => Rows,
): Promise<{ target: Target; hasRows(): Promise<boolean> }> {
  const db = await memoryEngine.open(FAULT_MODELS);
  await db.createDb();
  let stored: Rows = { item: [], pair: [], entry: [] };
  const target: Target = {
    promises: { areBulkWritesAtomic: true },
    connect: () => Promise.resolve(db),
    rows: () => Promise.resolve(change(stored)),
    // The rows end with the connection, which is closed after this.
    async open() {
      stored = {
        item: await db.query(Item).findAll(),
        pair: await db.query(Pair).findAll(),
        entry: await db.query(Entry).findAll(),
      };
      return [];
    },
    left: () => Promise.resolve([]),
  };
  return {
    target,
    hasRows: async () =>
      await db.query(Item).count() > 1 && await db.query(Entry).count() > 0,
  };
}

function run(
  { target, hasRows }: Awaited<ReturnType<typeof altered>>,
): Promise<unknown> {
  return underFaults(target, {
    seed: 1,
    connections: 1,
    async during() {
      do await pause(200); while (!(await hasRows()));
    },
    heal: () => Promise.resolve(),
    faults: () => [],
    limit: 30_000,
  });
}

Deno.test({
  name:
    "a run fails if an acknowledged row is missing, is stored twice, or differs",
  // The timers that abort calls outlive them.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const without = <Row>([, ...rows]: readonly Row[]): Row[] => rows;
    const twice = <Row>(rows: readonly Row[]): Row[] => [
      ...rows.slice(0, 1),
      ...rows,
    ];
    const cases: ((rows: Rows) => Rows)[] = [
      (rows) => ({ ...rows, item: without(rows.item) }),
      (rows) => ({ ...rows, entry: without(rows.entry) }),
      (rows) => ({ ...rows, entry: twice(rows.entry) }),
      (rows) => ({
        ...rows,
        item: rows.item.map((row) => ({ ...row, mark: "another" })),
      }),
    ];
    await run(await altered((rows) => rows));
    for (const change of cases) {
      await assert.rejects(altered(change).then(run), assert.AssertionError);
    }
  },
});
