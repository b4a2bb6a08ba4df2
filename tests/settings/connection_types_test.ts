// The type of the connection that `connect` returns, and the engine that it opens: one table holds both.
import {
  connect,
  type Connection,
  type ConnectionOf,
  type ConnectOptions,
  type DbConfig,
  defineModel,
  isMongo,
  isSql,
  MongoConnection,
  type RowOf,
  type SQLConnection,
} from "@alerce/db-plugins";
import {
  type AlerceModels,
  AstroObject,
  type AstroObjectRow,
} from "@alerce/db-plugins/models";
import type { Collection } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import { engineOf, entryOf } from "../../src/connect.ts";
import { createConnection } from "../../src/connection/connection.ts";
import { mongodb } from "../../src/mongo/engine.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** The kind of a connection, from its type. */
type Kind<C> = C extends SQLConnection<infer _> ? "sql"
  : C extends MongoConnection<infer _> ? "mongodb"
  : "unknown";

/** A case; it compiles only if `expected` is what the types say. */
function typed<const Config extends object, const Db extends string = never>(
  config: Config,
  expected: Kind<ConnectionOf<Config, Db>>,
  db?: Db,
): { config: object; expected: string; db: string | undefined } {
  return { config, expected, db };
}

const text = (value: string): string => value;
const SATISFIES = {
  SQL: { ENGINE: "pglite", DB_NAME: "memory://" },
  ARCHIVE: { URL: "mongodb://localhost/ztf" },
  WIDE: { URL: text("mongodb://localhost/ztf") },
} satisfies DbConfig;
const ANNOTATED: DbConfig = SATISFIES;

const CASES = [
  // entries
  typed({ ENGINE: "pglite", DB_NAME: "memory://" }, "sql"),
  typed({ ENGINE: "postgresql", HOST: text("h"), DB_NAME: "d" }, "sql"),
  typed({ ENGINE: "mongodb", HOST: "h", DATABASE: "d" }, "mongodb"),
  typed({ engine: "mongodb", db_name: "d" }, "mongodb"),
  typed({ engine: "mongodb", HOST: "h", db_name: "d" }, "mongodb"),
  typed({ URL: "postgresql://u:p@h/d" }, "sql"),
  typed({ URL: "postgres://u:p@h/d", DATABASE: "d" }, "sql"),
  typed({ URL: "postgresql+psycopg2://u:p@h/d" }, "sql"),
  typed({ URL: `postgresql://u:${text("p")}@h/d` }, "sql"),
  typed({ URL: "mongodb://h/d" }, "mongodb"),
  typed({ URL: "mongodb+srv://h/d" }, "mongodb"),
  typed({ url: "mongodb://h/d" }, "mongodb"),
  typed({ URL: "mongodb://h/d", ENGINE: "pglite" }, "sql"),
  typed({ URL: text("mongodb://h/d"), DATABASE: "d" }, "unknown"),
  typed({ ENGINE: text("mongodb"), DATABASE: "d" }, "unknown"),
  typed({ HOST: "h", DATABASE: "d" }, "mongodb"),
  typed({ HOST: "h", USER: "u", DB_NAME: "d" }, "sql"),
  typed({ SQLALCHEMY_DATABASE_URL: text("postgresql://h/d") }, "sql"),
  typed({ HOST: "h" }, "unknown"),
  // several entries
  typed({ SQL: { ENGINE: "pglite", DB_NAME: "memory://" } }, "sql"),
  typed({ ARCHIVE: { URL: "mongodb://h/d" } }, "mongodb"),
  typed({ MONGO: { HOST: "h" } }, "mongodb"),
  typed({ MONGO: { ENGINE: "pglite" } }, "sql"),
  typed({ SQL: { ENGINE: "pglite" }, MONGO: { HOST: "h" } }, "sql"),
  typed({ SQL: { ENGINE: "pglite" }, MONGO: {} }, "mongodb", "MONGO"),
  typed({ A: { DATABASE: "d" }, B: { DB_NAME: "d" } }, "mongodb", "A"),
  typed({ A: { DATABASE: "d" }, B: { DB_NAME: "d" } }, "sql", "B"),
  typed(SATISFIES, "sql"),
  typed(SATISFIES, "mongodb", "ARCHIVE"),
  typed(SATISFIES, "unknown", "WIDE"),
  typed(ANNOTATED, "unknown"),
  typed(ANNOTATED, "unknown", "ARCHIVE"),
];

Deno.test("the type of a connection is that of the engine which connect opens", async () => {
  for (const { config, expected, db } of CASES) {
    if (expected === "unknown") continue;
    const { name } = await engineOf(
      entryOf(config, db, "Invalid"),
      [],
      "Invalid",
    );
    const actual = name === "mongodb" ? name : "sql";
    assert.equal(actual, expected, `${Deno.inspect(config)} ${db ?? ""}`);
  }
});

const Own = defineModel("own", {
  fields: z.object({ id: z.int32(), oid: z.string() }),
  primaryKey: ["id"],
  relations: { object: { kind: "one", model: "object", on: { oid: "oid" } } },
});
const MODELS = [Own, AstroObject] as const;
const memory = { ENGINE: "pglite", DB_NAME: "memory://" } as const;

function is<_T extends true>(): void {}

Deno.test("connect returns sql and kysely, typed by its models", async () => {
  await using db = await connect(memory, { models: [Own, AstroObject] });
  await db.createDb();
  await db.query(AstroObject).insert({ oid: "ZTF18a", ndet: 2 });
  await db.query(Own).insert({ id: 1, oid: "ZTF18a" });
  const joined = await db.kysely.selectFrom("own")
    .innerJoin("object", "object.oid", "own.oid")
    .select(["own.id", "object.ndet"]).execute();
  is<Equal<typeof joined, { id: number; ndet: number | null }[]>>();
  assert.deepEqual(joined, [{ id: 1, ndet: 2 }]);
  const selected = await db.query(Own).kysely.selectAll().execute();
  assert.equal(String(selected[0]), "<Own(id=1)>");
  const [row] = await db.query(Own).findAll({ include: { object: true } });
  assert.ok(row);
  is<Equal<typeof row.object, AstroObjectRow | null>>();
  assert.equal(row.object?.ndet, 2);
  assert.deepEqual(await db.sql`select id from own`, [{ id: 1 }]);
});

Deno.test("isSql and isMongo narrow a connection and keep its models", async () => {
  const config: DbConfig = { SQL: { ...memory, MODELS } };
  await using db = await connect(config, { models: MODELS });
  is<Equal<typeof db, Connection<typeof MODELS>>>();
  assert.equal(isMongo(db), false);
  if (!isSql(db)) throw new Error("not an SQL connection");
  is<Equal<typeof db, SQLConnection<typeof MODELS>>>();
  await db.createDb();
  const rows = await db.kysely.selectFrom("own").select("id").execute();
  assert.deepEqual(rows, []);
  assert.ok(isMongo(new MongoConnection()));
  const ofOwnEngine = createConnection(mongodb, { models: MODELS });
  assert.deepEqual([isSql(ofOwnEngine), isMongo(ofOwnEngine)], [false, false]);
});

/** Only its types are checked. */
async function declared(
  config: object,
  options: ConnectOptions,
  some: Connection | SQLConnection,
): Promise<void> {
  const byDefault = await connect(memory);
  is<Equal<typeof byDefault, SQLConnection<AlerceModels>>>();
  const ofEntry = await connect({ SQL: { ...memory, MODELS } });
  is<Equal<typeof ofEntry, SQLConnection<typeof MODELS>>>();
  const mongo = await connect({ URL: "mongodb://h/d" }, { models: MODELS });
  is<Equal<typeof mongo, MongoConnection<typeof MODELS>>>();
  const collection = mongo.collection(Own);
  is<Equal<typeof collection, Collection<RowOf<typeof Own>>>>();
  const chosen = await connect(SATISFIES, { db: "ARCHIVE", models: [Own] });
  is<Equal<typeof chosen, MongoConnection<readonly [typeof Own]>>>();
  const unknown = await connect(config, options);
  // @ts-expect-error a connection whose engine the types do not say
  void unknown.kysely;
  // @ts-expect-error a connection to MongoDB has no kysely
  void chosen.kysely;
  // @ts-expect-error a table that is no model of the connection
  ofEntry.kysely.selectFrom("detection");
  if (isMongo(unknown)) void unknown.collection(Own);
  else if (isSql(unknown)) void unknown.sql`select 1`;
  const plain: Connection = byDefault;
  const dynamic: Connection = await connect(config, { db: text("SQL") });
  void [plain, dynamic, some];
}
void declared;
