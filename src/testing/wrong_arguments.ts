import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { DbPluginsError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars } from "./stars.ts";

/** What untyped code may pass in place of options, rows, attributes or functions. */
const WRONG: readonly unknown[] = [
  ...[undefined, null, 5, "x", [], {}, [null], [5], [undefined]],
  ...[{ filterBy: null }, { filterBy: 5 }, { filterBy: { id: 1n }, set: null }],
  ...[{ include: 5 }, { orderBy: 5 }, { select: 5 }, [[{ id: 1n }, null]]],
  ...[{ model: null }, { model: 5 }, { model: Star, filterBy: null }],
  ...[{ useScoped: 5 }, { useScoped: true, scopeFunc: 5 }, { verfy: true }],
];

const METHODS: readonly string[] = [
  ...["find", "paginate", "findAll", "first", "findOne", "checkExists"],
  ...["count", "getOrCreate", "insert", "bulkInsert", "bulkUpsert"],
  ...["bulkUpdate", "updateAll", "deleteAll", "delete"],
];

/** Calls a method without its types. */
function callOn(target: object, method: string, ...args: unknown[]): unknown {
  const called: unknown = Reflect.get(target, method);
  assert.ok(typeof called === "function", method);
  return Reflect.apply(called, target, args);
}

/** Every call on a connection with one argument to choose. */
function callsOn(
  db: Connection,
  row: object,
): [string, (arg: unknown) => unknown][] {
  const query = db.query(Star);
  return [
    ...METHODS.flatMap((method): [string, (arg: unknown) => unknown][] => [
      [method, (arg) => callOn(query, method, arg)],
      [`query().${method}`, (arg) => callOn(db.query(), method, arg)],
    ]),
    ["bulkInsert options", (arg) => callOn(query, "bulkInsert", [], arg)],
    ["bulkUpsert options", (arg) => callOn(query, "bulkUpsert", [], arg)],
    ["update of a row", (arg) => callOn(query, "update", arg, { mag: 1 })],
    ["update", (arg) => callOn(query, "update", row, arg)],
    ["query().update", (arg) => callOn(db.query(), "update", row, arg)],
    ["a model", (arg) => arg === undefined || callOn(db, "query", arg)],
    ["createSession", (arg) => callOn(db, "createSession", arg)],
    ["withSession", (arg) => callOn(db, "withSession", arg)],
    ["transaction", (arg) => callOn(db, "transaction", arg)],
    [
      "transaction options",
      (arg) => callOn(db, "transaction", () => Promise.resolve(), arg),
    ],
    ["createDb", (arg) => callOn(db, "createDb", arg)],
  ];
}

/** Calls with arguments that the types do not accept. */
export const wrongArguments: readonly Behaviour[] = [
  behaviour(
    "an argument of the wrong type is accepted or refused with a typed error",
    async (db) => {
      await fillStars(db);
      const row = await db.query(Star).findOne({ filterBy: { id: 1n } });
      assert.ok(row);
      for (const [name, call] of callsOn(db, row)) {
        for (const wrong of WRONG) {
          const error = await (async () => void await call(wrong))()
            .catch((error: unknown) => error);
          assert.ok(
            error === undefined || error instanceof DbPluginsError,
            `${name} with ${Deno.inspect(wrong, { depth: 1 })}: ${error}`,
          );
        }
        db.createSession();
      }
      const texts: [() => unknown, string, string][] = [
        [
          () => callOn(db, "query", "exposure"),
          "QueryError",
          'Cannot query "exposure": pass the model, like db.query(Exposure)',
        ],
        [
          () => callOn(db, "query", { table: "star" }),
          "QueryError",
          "Cannot query an object: pass the model, like db.query(Exposure)",
        ],
        [
          () => callOn(db, "transaction"),
          "TransactionError",
          "Cannot begin a transaction: pass a function, like db.transaction(async (tx) => …)",
        ],
        [
          () => callOn(db, "withSession"),
          "SessionError",
          "Cannot run in a session: pass a function, like db.withSession(async (session) => …)",
        ],
        [
          () => callOn(db.query(Star), "getOrCreate"),
          "QueryError",
          "Cannot call getOrCreate on star: the options must be an object like { filterBy: … }",
        ],
        [
          () => callOn(db.query(Star), "deleteAll", { all: true }),
          "QueryError",
          "Cannot call deleteAll on star: filterBy is missing; to delete all rows, pass filterBy: {} and all: true",
        ],
        [
          () => callOn(db.query(Star), "updateAll", { set: { mag: 1 } }),
          "QueryError",
          "Cannot call updateAll on star: filterBy is missing; to update all rows, pass filterBy: {}",
        ],
        [
          () => callOn(db.query(Star), "findOne", {}),
          "QueryError",
          "Cannot call findOne on star: filterBy is missing; pass filterBy: {} for all rows",
        ],
        [
          () => callOn(db.query(Star), "findAll", Promise.resolve({})),
          "QueryError",
          "Cannot call findAll on star: the options must be an object like { filterBy: … }, got a Promise; await it",
        ],
        ...(["and", "or", "not"] as const).map((
          kind,
        ): [() => unknown, string, string] => [
          () =>
            callOn(db.query(Star), "deleteAll", {
              filterBy: { [kind]: kind === "not" ? undefined : [undefined] },
            }),
          "QueryError",
          `Cannot filter star: ${kind} contains undefined; leave it out, or write {} for all rows`,
        ]),
        [
          () => callOn(db.query(Star), "bulkUpdate", [[undefined, { mag: 1 }]]),
          "QueryError",
          "Cannot update star: the filter of pair 0 is undefined; to update all rows, write {}",
        ],
        [
          () => callOn(db.query(Star), "findAll", { filterby: {} }),
          "QueryError",
          "Cannot call findAll on star: it has no option filterby; did you mean filterBy?",
        ],
      ];
      for (const [call, name, message] of texts) {
        await assert.rejects(Promise.try(call), { name, message });
      }
      assert.throws(() => callOn(db.query(Star), "update", row, null), {
        name: "QueryError",
        message: /Cannot update star: the attributes must be an object/,
      });
      assert.throws(() => callOn(db.query(Star), "update", null, { mag: 1 }), {
        name: "QueryError",
        message: /Cannot mark a row of star: it must be a row/,
      });
    },
  ),
];
