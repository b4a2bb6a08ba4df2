import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError } from "../base/errors/mod.ts";
import type { CallOptions } from "../query/statement/call_options.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

const VEGA = { id: 91262n, name: "Vega" };

type Call = readonly [
  method: string,
  call: (db: Connection, options: CallOptions) => Promise<unknown>,
];

const READS: readonly Call[] = [
  ["find", (db, on) => db.query(Star).find(on)],
  ["findAll", (db, on) => db.query(Star).findAll(on)],
  ["first", (db, on) => db.query(Star).first(on)],
  ["findOne", (db, on) => db.query(Star).findOne({ filterBy: VEGA, ...on })],
  ["checkExists", (db, on) => db.query(Star).checkExists(on)],
  ["count", (db, on) => db.query(Star).count(on)],
  ["count", (db, on) => db.query().count({ model: Star, ...on })],
  ["aggregate", (db, on) => db.query(Star).aggregate({ count: true, ...on })],
  ["countBy", (db, on) => db.query(Star).countBy("status", on)],
  ["distinct", (db, on) => db.query(Star).distinct("status", on)],
  [
    "stream",
    async (db, on) => await Array.fromAsync(db.query(Star).stream({ ...on })),
  ],
];

const WRITES: readonly Call[] = [
  [
    "getOrCreate",
    (db, on) => db.query(Star).getOrCreate({ filterBy: VEGA }, on),
  ],
  ["insert", (db, on) => db.query(Star).insert({ id: 77n, name: "x" }, on)],
  ["bulkInsert", (db, on) => db.query(Star).bulkInsert(STARS, on)],
  ["bulkUpsert", (db, on) => db.query(Star).bulkUpsert(STARS, on)],
  ["bulkUpdate", (db, on) => db.query(Star).bulkUpdate([VEGA], on)],
  [
    "updateAll",
    (db, on) =>
      db.query(Star).updateAll({ filterBy: VEGA, set: { mag: 1 }, ...on }),
  ],
  [
    "deleteAll",
    (db, on) => db.query(Star).deleteAll({ filterBy: VEGA, ...on }),
  ],
  ["commit", (db, on) => db.session.commit(on)],
];

/** The server of a call. */
export const readServers: readonly Behaviour[] = [
  behaviour("every read takes the server that it may use", async (db) => {
    await fillStars(db);
    for (const [method, call] of READS) {
      const read = (options: CallOptions) =>
        call(db, options).then((result) => JSON.stringify(result, text));
      const expected = await read({});
      for (const on of ["primary", "any"] as const) {
        assert.equal(await read({ on }), expected, method);
        assert.equal(await read({ on, timeout: 60_000 }), expected, method);
      }
    }
  }),
  behaviour(
    "an unknown server is an error, and nothing is read",
    async (db) => {
      // Untyped code can pass any value.
      const options: object = { on: "primry" };
      for (const [method, call] of READS) {
        await assert.rejects(
          async () => await call(db, options),
          (error) =>
            error instanceof QueryError && error.field === "on" &&
            error.nearest === "primary" && error.message.includes(method),
          method,
        );
      }
    },
  ),
  behaviour("a write uses the primary only", async (db) => {
    await fillStars(db);
    for (const [method, call] of WRITES) {
      await assert.rejects(
        call(db, { on: "any" }),
        (error) =>
          error instanceof QueryError && error.field === "on" &&
          error.message.includes(method) && error.outcome === "not applied",
        method,
      );
    }
    assert.equal(await db.query(Star).count(), STARS.length);
    assert.deepEqual(
      await db.query(Star).bulkInsert(STARS, { on: "primary" }),
      { inserted: 0, ignored: STARS.length },
    );
  }),
];

/** Writes bigints as texts. */
function text(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
