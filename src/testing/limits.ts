import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import {
  QueryError,
  TimeoutError,
  TransactionError,
} from "../base/errors/mod.ts";
import type { CallOptions } from "../query/statement/call_options.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, names, STARS } from "./stars.ts";
import { abortable, isSame } from "./abortable.ts";
import { slowRows, VEGA } from "./slow_rows.ts";

const VEGA_KEY = { filterBy: { id: VEGA.id } };

type Caller = Pick<Connection, "query">;

/** A method that waits for the database, with limits. */
type LimitedCall = readonly [
  string,
  (db: Caller, limits: CallOptions) => Promise<unknown>,
];

const READS: readonly LimitedCall[] = [
  ["find", (db, limits) => db.query(Star).find(limits)],
  ["findAll", (db, limits) => db.query(Star).findAll(limits)],
  ["first", (db, limits) => db.query(Star).first(limits)],
  [
    "findOne",
    (db, limits) => db.query(Star).findOne({ ...VEGA_KEY, ...limits }),
  ],
  ["checkExists", (db, limits) => db.query(Star).checkExists(limits)],
  ["count", (db, limits) => db.query(Star).count(limits)],
  ["count", (db, limits) => db.query().count({ model: Star, ...limits })],
  [
    "stream",
    async (db, limits) =>
      await Array.fromAsync(db.query(Star).stream({ ...limits })),
  ],
  [
    "aggregate",
    (db, limits) => db.query(Star).aggregate({ max: ["mag"], ...limits }),
  ],
  ["countBy", (db, limits) => db.query(Star).countBy("status", limits)],
  ["distinct", (db, limits) => db.query(Star).distinct("status", limits)],
];

const WRITES: readonly LimitedCall[] = [
  [
    "getOrCreate",
    (db, limits) =>
      db.query(Star).getOrCreate({ ...VEGA_KEY, name: "Vega" }, limits),
  ],
  [
    "getOrCreate",
    (db, limits) =>
      db.query().getOrCreate(
        { model: Star, ...VEGA_KEY, name: "Vega" },
        limits,
      ),
  ],
  ["insert", (db, limits) => db.query(Star).insert(VEGA, limits)],
  [
    "insert",
    (db, limits) => db.query().insert({ model: Star, ...VEGA }, limits),
  ],
  ["bulkInsert", (db, limits) => db.query(Star).bulkInsert([VEGA], limits)],
  ["bulkUpsert", (db, limits) => db.query(Star).bulkUpsert([VEGA], limits)],
  [
    "bulkUpdate",
    (db, limits) => db.query(Star).bulkUpdate([{ id: 1n, mag: 9 }], limits),
  ],
  [
    "bulkUpdate",
    (db, limits) =>
      db.query().bulkUpdate([{ id: 1n, mag: 9 }], { model: Star, ...limits }),
  ],
  [
    "updateAll",
    (db, limits) =>
      db.query(Star).updateAll({ filterBy: {}, set: { mag: 9 }, ...limits }),
  ],
  [
    "deleteAll",
    (db, limits) =>
      db.query(Star).deleteAll({ filterBy: {}, all: true, ...limits }),
  ],
];

const CALLS: readonly LimitedCall[] = [...READS, ...WRITES];

/** Wrong limits, the name of the wrong one, and what the error says. */
const WRONG: readonly (readonly [object, field: string, text: RegExp])[] = [
  [{ timeout: 0 }, "timeout", /timeout must be a number of milliseconds above/],
  [{ timeout: -1 }, "timeout", /above 0/],
  [{ timeout: NaN }, "timeout", /above 0/],
  [{ timeout: Infinity }, "timeout", /above 0/],
  [{ timeout: "5s" }, "timeout", /above 0/],
  [{ timeout: null }, "timeout", /above 0/],
  [{ signal: {} }, "signal", /signal must be an AbortSignal/],
  [{ signal: null }, "signal", /signal must be an AbortSignal/],
  [{ signal: new AbortController() }, "signal", /pass controller\.signal/],
  [{ timeuot: 5 }, "timeuot", /no option timeuot; did you mean timeout\?/],
  [{ singal: undefined }, "singal", /did you mean signal\?/],
];

async function namesOf(db: Connection): Promise<string[]> {
  return names(await db.query(Star).findAll()).sort();
}

/** Returns a signal, and the listeners that it has now. */
function countedListeners(): {
  readonly signal: AbortSignal;
  added(): readonly unknown[];
} {
  const { signal } = new AbortController();
  const listeners: unknown[] = [];
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (
    ...given: Parameters<typeof addEventListener>
  ): void => {
    listeners.push(given[1]);
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (
    ...given: Parameters<typeof removeEventListener>
  ): void => {
    const at = listeners.indexOf(given[1]);
    if (at >= 0) listeners.splice(at, 1);
    removeEventListener.apply(signal, given);
  };
  return { signal, added: () => listeners };
}

/** Limits of calls: `signal` and `timeout`. */
export const limits: readonly Behaviour[] = [
  behaviour(
    "a call with an aborted signal is rejected with its reason and does nothing",
    async (db) => {
      await fillStars(db);
      const reason = new Error("the client is gone");
      const signal = AbortSignal.abort(reason);
      for (const [name, call] of CALLS) {
        await assert.rejects(call(db, { signal }), isSame(reason), name);
      }
      let isRun = false;
      await assert.rejects(
        db.transaction(() => {
          isRun = true;
          return Promise.resolve();
        }, { signal }),
        isSame(reason),
      );
      assert.equal(isRun, false);
      assert.deepEqual(await namesOf(db), names(STARS).sort());
      assert.equal(await db.query(Star).count({ filterBy: { mag: 9 } }), 0);
    },
  ),
  behaviour("limits that are not reached change nothing", async (db) => {
    await fillStars(db);
    const { signal } = new AbortController();
    await db.query(Star).deleteAll({ ...VEGA_KEY, signal, timeout: 60_000 });
    assert.deepEqual(
      names(
        await db.query(Star).findAll({
          filterBy: { id: { lte: 1n } },
          orderBy: { id: "asc" },
          signal,
          timeout: 1e12,
        }),
      ),
      ["Ω Cen", "Algol"],
    );
    assert.equal(
      await db.transaction((tx) => tx.query(Star).count({ signal }), {
        signal,
        timeout: 60_000.5,
      }),
      STARS.length,
    );
    for (const [name, call] of CALLS) {
      await db.query(Star).deleteAll(VEGA_KEY);
      await assert.doesNotReject(
        call(db, { signal, timeout: 60_000 }),
        name,
      );
    }
    assert.equal(await db.query(Star).count(), 0);
  }),
  behaviour(
    "a limit with a wrong value is a QueryError with model and field",
    async (db) => {
      for (const [name, call] of CALLS) {
        for (const [limits, field, text] of WRONG) {
          await assert.rejects(
            async () => await call(db, limits),
            (error) =>
              error instanceof QueryError && error.model === "star" &&
              error.field === field && text.test(error.message) &&
              error.message.includes(name),
            `${name} ${field} ${text}`,
          );
        }
      }
      for (const [limits, field] of WRONG.slice(0, -2)) {
        await assert.rejects(
          db.transaction(() => Promise.resolve(), limits),
          (error) => error instanceof QueryError && error.field === field,
        );
        await assert.rejects(
          db.session.commit(limits),
          (error) => error instanceof QueryError && error.field === field,
        );
      }
      await assert.rejects(
        db.session.commit({ ...WRONG.at(-2)?.[0] }),
        /Cannot call commit: it has no option timeuot; did you mean timeout\?/,
      );
      await assert.rejects(
        db.transaction(() => Promise.resolve(), { ...WRONG.at(-2)?.[0] }),
        TransactionError,
      );
    },
  ),
  behaviour(
    "a read is rejected as soon as its signal is aborted",
    async (db) => {
      await fillStars(db);
      for (const [name, call] of READS) {
        const { signal, reason, abort } = abortable();
        const running = call(db, { signal });
        abort();
        await assert.rejects(running, isSame(reason), name);
      }
      assert.deepEqual(await namesOf(db), names(STARS).sort());
    },
  ),
  behaviour(
    "an aborted write is either rejected or applied, and leaves the connection usable",
    async (db) => {
      for (const [name, call] of WRITES) {
        await fillStars(db);
        const { signal, reason, abort } = abortable();
        const running = call(db, { signal });
        abort();
        const outcome = await running.then(() => "applied", (error) => error);
        assert.ok(outcome === "applied" || outcome === reason, name);
        await db.query(Star).deleteAll({ filterBy: {}, all: true });
        assert.equal(await db.query(Star).count(), 0);
      }
    },
  ),
  behaviour(
    "a bulk write whose rows arrive slowly ends with its signal, and so does their source",
    async (db) => {
      const stars = db.query(Star);
      type Source = ReturnType<typeof slowRows>["rows"];
      const calls = [
        (rows: Source, options: CallOptions) => stars.bulkInsert(rows, options),
        (rows: Source, options: CallOptions) => stars.bulkUpsert(rows, options),
      ];
      for (const call of calls) {
        const { signal, reason, abort } = abortable();
        const source = slowRows(abort);
        await assert.rejects(
          call(source.rows, { signal }),
          isSame(reason),
        );
        await source.ended;
        assert.equal(await db.query(Star).count(), 0);
      }
      const { signal, reason, abort } = abortable();
      const source = slowRows(abort);
      await assert.rejects(
        db.query(Star).bulkUpdate(source.rows, { signal }),
        isSame(reason),
      );
      await source.ended;
    },
  ),
  behaviour(
    "a timeout is a TimeoutError with the method, the model and the milliseconds",
    async (db) => {
      await assert.rejects(
        db.query(Star).bulkInsert(slowRows().rows, { timeout: 40 }),
        (error) =>
          error instanceof TimeoutError &&
          /bulkInsert on star did not end within its timeout of 40 ms/
            .test(error.message),
      );
      assert.equal(await db.query(Star).count(), 0);
    },
  ),
  behaviour(
    "a stream ends with its signal in the middle of a batch",
    async (db) => {
      await fillStars(db);
      for (const batchSize of [1, 2_000]) {
        const { signal, reason, abort } = abortable();
        let rows = 0;
        await assert.rejects(async () => {
          const stream = db.query(Star).stream({
            batchSize,
            signal,
          });
          for await (const _row of stream) {
            if (++rows === 2) abort();
          }
        }, isSame(reason));
        assert.equal(rows, 2);
        assert.equal(await db.query(Star).count(), STARS.length);
      }
      await assert.rejects(
        async () => {
          for await (const _row of db.query(Star).stream({ timeout: 40 })) {
            await new Promise((resolve) => setTimeout(resolve, 60));
          }
        },
        (error) =>
          error instanceof TimeoutError &&
          /stream on star did not end within its timeout of 40 ms/
            .test(error.message),
      );
    },
  ),
  behaviour(
    "a timeout longer than a timer can wait is none",
    async (db) => {
      const rows = (async function* () {
        await new Promise((resolve) => setTimeout(resolve, 30));
        yield VEGA;
      })();
      await db.query(Star).bulkInsert(rows, { timeout: 2 ** 31 });
      assert.deepEqual(await namesOf(db), [VEGA.name]);
    },
  ),
  behaviour("a call leaves no listener on its signal", async (db) => {
    for (const [name, call] of CALLS) {
      await db.query(Star).deleteAll(VEGA_KEY);
      const { signal, added } = countedListeners();
      await call(db, { signal });
      assert.deepEqual(added(), [], name);
    }
    const { signal, added } = countedListeners();
    await db.transaction((tx) => tx.query(Star).count({ signal }), { signal });
    await assert.rejects(
      db.query(Star).insert({ id: 1n, name: Object(1) }, { signal }),
    );
    assert.deepEqual(added(), []);
  }),
  behaviour(
    "a stream that its program leaves waiting is freed by its signal",
    async (db) => {
      await fillStars(db);
      const waiting = Array.from({ length: 30 }, () => {
        const { signal, reason, abort } = abortable();
        const stream = db.query(Star).stream({ batchSize: 1, signal });
        return { rows: stream[Symbol.asyncIterator](), reason, abort };
      });
      for (const { rows, abort } of waiting) {
        assert.equal((await rows.next()).done, false);
        abort();
      }
      assert.equal(await db.query(Star).count(), STARS.length);
      for (const { rows, reason } of waiting) {
        await assert.rejects(rows.next(), isSame(reason));
      }
    },
  ),
  behaviour("next and prev of a page use its limits", async (db) => {
    await fillStars(db);
    const { signal, reason, abort } = abortable();
    const page = await db.query(Star).find({
      perPage: 1,
      page: 2,
      signal,
    });
    assert.equal((await page.next()).items.length, 1);
    abort();
    await assert.rejects(page.next(), isSame(reason));
    await assert.rejects(page.prev(), isSame(reason));
  }),
];
