import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, plain, STARS } from "./stars.ts";

/** A call with wrong options, the wrong name, and the nearest right name. */
type Mistake = readonly [
  method: string,
  args: readonly unknown[],
  name: string,
  nearest?: string,
];

const MISTAKES: readonly Mistake[] = [
  ["find", [{ per_page: 1 }], "per_page", "perPage"],
  ["paginate", [1, 10], "find"],
  ["findAll", [{ id: 1n }], "id"],
  ["findAll", [{ order_by: { id: "asc" } }], "order_by", "orderBy"],
  ["findAll", [{ limits: 1 }], "limits", "limit"],
  ["first", [{ filterby: { id: 1n } }], "filterby", "filterBy"],
  ["findOne", [], "findOne"],
  ["findOne", [{}], "filterBy"],
  ["checkExists", [{ filter: { id: 77n } }], "filter", "filterBy"],
  ["count", [{ filterby: { id: 77n } }], "filterby", "filterBy"],
  ["stream", [{ batchsize: 3 }], "batchsize", "batchSize"],
  [
    "bulkInsert",
    [STARS, { onconflict: "error" }],
    "onconflict",
    "onConflict",
  ],
  ["bulkUpsert", [STARS, { prefers: ["mag"] }], "prefers", "prefer"],
  ["bulkUpsert", [STARS, { merges: { mag: "least" } }], "merges", "merge"],
  ["bulkUpsert", [STARS, { merge: "least" }], "merge"],
  ["bulkUpsert", [STARS, { merge: { magg: "least" } }], "magg", "mag"],
  ["bulkUpsert", [STARS, { merge: { mag: "lest" } }], "mag", "least"],
  ["bulkUpsert", [STARS, { merge: { mag: null } }], "mag"],
  ["bulkUpsert", [STARS, { merge: { id: "keep" } }], "id"],
  [
    "bulkUpsert",
    [STARS, { merge: { name: "keep" }, conflict: ["name"] }],
    "name",
  ],
  ["bulkUpsert", [STARS, { merge: { notes: "least" } }], "notes"],
  ["bulkUpsert", [STARS, { merge: { "*": "greatest" } }], "notes"],
  [
    "bulkUpsert",
    [STARS, { merge: { mag: "least" }, prefer: ["visits"] }],
    "prefer",
  ],
  [
    "bulkUpsert",
    [STARS, { merge: { mag: "least" }, update: ["mag", "visits"] }],
    "mag",
  ],
  [
    "bulkUpsert",
    [STARS, { merge: { "*": "keep" }, update: ["visits"] }],
    "merge",
  ],
  ["updateAll", [], "updateAll"],
  ["updateAll", [{ filterby: { id: 1n }, set: { mag: 1 } }], "filterby"],
  ["updateAll", [{ filterBy: undefined, set: { mag: 1 } }], "filterBy"],
  ["updateAll", [{ set: { mag: 1 } }], "filterBy"],
  ["updateAll", [{ filterBy: {} }], "set"],
  ["deleteAll", [], "deleteAll"],
  ["deleteAll", [{ where: { id: 1n } }], "where"],
  ["deleteAll", [{ filterBy: undefined, all: true }], "filterBy"],
];

async function call(
  db: Connection,
  method: string,
  args: readonly unknown[],
): Promise<unknown> {
  const query = db.query(Star);
  const result: unknown = await Reflect.get(query, method).apply(query, args);
  return method === "stream"
    ? await Array.fromAsync(result as AsyncIterable<unknown>)
    : result;
}

/** The last argument of a call, for the name of a test. */
function givenText(args: readonly unknown[]): string {
  const last = args.at(-1);
  if (last === undefined) return "no options";
  if (typeof last !== "object") return "positional arguments";
  const options = Object.entries(last ?? {}).map(([name, value]) =>
    name === "merge" ? `${name} ${JSON.stringify(value)}` : name
  );
  return options.join(" and ") || "empty options";
}

/** Misspelt and missing options, as untyped code may pass them. */
export const wrongOptions: readonly Behaviour[] = MISTAKES.map((
  [method, args, name, nearest],
) =>
  behaviour(
    `${method} with ${
      givenText(args)
    } throws a QueryError that names ${name}, and changes nothing`,
    async (db) => {
      await fillStars(db);
      const before = plain(await db.query(Star).findAll());
      await assert.rejects(
        () => call(db, method, args),
        (error) => {
          assert.ok(error instanceof QueryError, String(error));
          assert.equal(error.field, name);
          if (nearest !== undefined) assert.equal(error.nearest, nearest);
          return true;
        },
      );
      assert.deepEqual(plain(await db.query(Star).findAll()), before);
    },
  )
);
