import type { PGlite } from "@electric-sql/pglite";
import {
  type AnyModel,
  type Connection,
  type ConnectOptions,
  SQLConnection,
} from "@alerce/db-plugins";
import type {
  Intent,
  SchemaPlan,
  Script,
} from "../../src/engine/migrations/mod.ts";
import { cube } from "@electric-sql/pglite/contrib/cube";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import assert from "node:assert/strict";
import pg from "pg";
import {
  clientConfig,
  freshPglite,
  freshSchema,
  postgres15Settings,
  postgresSettings,
  sharedPglite,
} from "./engines.ts";
import { ROUNDS } from "./rounds.ts";

/** A separate schema on an engine. */
export interface Place {
  /** Opens a connection with these models, and additional settings and options. */
  open(
    models: readonly AnyModel[],
    settings?: object,
    options?: ConnectOptions,
  ): Promise<Connection>;
  /** Runs a statement in this schema, and returns its rows as texts. */
  run(text: string): Promise<string[][]>;
  /** Closes its connections. */
  close(): Promise<void>;
}

/** An engine that creates separate schemas. */
export interface Places {
  readonly name: string;
  place(): Promise<Place>;
}

/** PostgreSQL 18 on a server. */
export const onServer: Places = serverPlaces("postgresql", postgresSettings);

/** PostgreSQL 15 on a server, if it is installed. */
export const onServer15: Places | undefined = postgres15Settings() === undefined
  ? undefined
  : serverPlaces("postgresql 15", () => postgres15Settings() ?? {});

/** PostgreSQL on a server. Its places share connections, which have read the system catalogs already. */
function serverPlaces(
  name: string,
  settings: () => Record<string, unknown>,
): Places {
  let shared: pg.Pool | undefined;
  return {
    name,
    async place() {
      const pool = shared ??= new pg.Pool({
        ...clientConfig(settings()),
        max: 20,
        allowExitOnIdle: true,
      });
      const schema = freshSchema();
      const client = await pool.connect();
      await client.query(`create schema ${schema}`);
      await client.query(`set search_path = ${schema}`);
      return placeOf(
        { ...settings(), SCHEMA: schema },
        pool,
        async (text) => {
          const { rows } = await client.query({ text, rowMode: "array" });
          return texts(rows);
        },
        async () => {
          await client.query("rollback; reset all; reset role");
          client.release();
        },
      );
    },
  };
}

/** Engines that create a separate database each time, because an extension belongs to a database. */
export const APART: readonly Places[] = [
  databases("postgresql", postgresSettings()),
  ...[postgres15Settings()].flatMap((settings) =>
    settings === undefined ? [] : [databases("postgresql 15", settings)]
  ),
  {
    name: "pglite",
    async place() {
      const client = await freshPglite({ cube, pg_trgm });
      return placeOf(
        { ENGINE: "pglite" },
        client,
        async (text) => {
          const answers = await client.exec(text, { rowMode: "array" });
          return texts(answers.flatMap(({ rows }) => rows));
        },
        () => client.close(),
      );
    },
  },
];

function databases(name: string, settings: Record<string, unknown>): Places {
  return {
    name,
    async place() {
      const database = freshSchema();
      const server = new pg.Client(clientConfig(settings));
      await server.connect();
      await server.query(`create database ${database}`);
      const own = { ...settings, DB_NAME: database };
      const client = new pg.Client(clientConfig(own));
      await client.connect();
      return placeOf(
        own,
        undefined,
        async (text) => {
          const { rows } = await client.query({ text, rowMode: "array" });
          return texts(rows);
        },
        async () => {
          await client.end();
          await server.query(`drop database ${database} with (force)`);
          await server.end();
        },
      );
    },
  };
}

let shared: Promise<PGlite> | undefined;
let closed = 0;

/** PostgreSQL 18 in this process. */
export const embedded: Places = {
  name: "pglite",
  async place() {
    const client = await (shared ??= sharedPglite());
    const schema = freshSchema();
    await client.exec(`create schema ${schema}`);
    return placeOf(
      { ENGINE: "pglite", SCHEMA: schema },
      client,
      async (text) => {
        // A failed transaction accepts no other statement.
        if (text === "rollback") {
          await client.exec(text);
          return [];
        }
        await client.exec(`set search_path = ${schema}`);
        try {
          const answers = await client.exec(text, { rowMode: "array" });
          return texts(answers.flatMap(({ rows }) => rows));
        } finally {
          await client.exec("reset search_path").catch(() => {});
        }
      },
      async () => {
        await client.exec(`drop schema if exists ${schema} cascade`);
        // PGlite does not vacuum its catalogs by itself.
        if (++closed % 50 === 0) await client.exec("vacuum");
      },
    );
  },
};

/** Both engines that speak SQL. */
export const ON_SQL: readonly Places[] = [onServer, embedded];

const OLD_SERVERS: readonly Places[] = onServer15 === undefined
  ? []
  : [onServer15];

/** Every available version of PostgreSQL on a server. */
export const SERVERS: readonly Places[] = [onServer, ...OLD_SERVERS];

/** Both engines that speak SQL, in every available version. */
export const EVERY_SQL: readonly Places[] = [...ON_SQL, ...OLD_SERVERS];

/**
 * The engines of a test whose code and statements are the same on every
 * version and kind of PostgreSQL: the newest server by day, and all at night.
 */
export const NEWEST_SQL: readonly Places[] = ROUNDS > 1
  ? EVERY_SQL
  : [onServer];

/** Those of {@link NEWEST_SQL} that are servers. */
export const NEWEST_SERVERS: readonly Places[] = ROUNDS > 1
  ? SERVERS
  : [onServer];

/** Those of {@link NEWEST_SQL} with a database each, and PGlite, which has only the extensions that it is opened with. */
export const NEWEST_APART: readonly Places[] = ROUNDS > 1
  ? APART
  : APART.filter(({ name }) => name !== "postgresql 15");

/** Calls a function with a place on an engine, and closes the place. */
export async function placed<T>(
  engine: Places,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const place = await engine.place();
  try {
    return await work(place);
  } finally {
    await place.close();
  }
}

function placeOf(
  settings: Record<string, unknown>,
  client: PGlite | pg.Pool | undefined,
  run: Place["run"],
  end: () => Promise<void>,
): Place {
  const open: Connection[] = [];
  return {
    async open(models, more = {}, options = {}) {
      const db = new SQLConnection<readonly AnyModel[]>(
        client === undefined ? { models } : { models, client },
      );
      await db.connect({ ...settings, ...more }, options);
      open.push(db);
      return db;
    },
    run,
    async close() {
      for (const db of open) await db.close();
      await end();
    },
  };
}

function texts(rows: readonly unknown[]): string[][] {
  return rows.map((row) =>
    Array.isArray(row) ? row.map((value) => String(value)) : [String(row)]
  );
}

/** An empty intent. */
export const NO_INTENT: Intent = {
  renames: new Map(),
  drops: new Set(),
  defaults: new Map(),
};

/** An intent with these parts. */
export function intent(
  some: {
    renames?: Record<string, string>;
    drops?: string[];
    defaults?: Record<string, string>;
  },
): Intent {
  return {
    renames: new Map(Object.entries(some.renames ?? {})),
    drops: new Set(some.drops),
    defaults: new Map(Object.entries(some.defaults ?? {})),
  };
}

/** The tables of a schema as lines from the catalogs. */
export async function catalogs(
  place: Place,
): Promise<readonly string[]> {
  const rows = await place.run(`
with tables as materialized (
  select oid, relname, relkind, relispartition, relpartbound
  from pg_class
  where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and relname <> 'dbp_migrations')
select 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
  a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum), a.attidentity, a.attgenerated
from tables c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
union all
select 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated, k.contype::text, null, null, null
from tables c join pg_constraint k on k.conrelid = c.oid
where k.contype <> 'n' and not c.relispartition
union all
select 'index', t.relname, i.relname, regexp_replace(pg_get_indexdef(i.oid), ' ON ONLY | ON ', ' ON '), x.indisvalid, null, null, null, null
from pg_index x join pg_class i on i.oid = x.indexrelid join tables t on t.oid = x.indrelid
where not t.relispartition
union all
select 'partition', p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid), true, null, null, null, null
from pg_inherits h join tables c on c.oid = h.inhrelid join pg_class p on p.oid = h.inhparent`);
  const [[schema = ""] = []] = await place.run("select current_schema()");
  return rows.map((row) => row.join(" ").replaceAll(`${schema}.`, "")).sort();
}

/** Runs the steps of a file; `between` is called after each. */
export async function apply(
  place: Place,
  { steps }: Script,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (const { transaction, repeat, statements } of steps) {
    if (!transaction) {
      assert.equal(statements.length, 1, "a step without a transaction");
    }
    if (transaction) await place.run("begin");
    try {
      for (const statement of statements) {
        try {
          await place.run(statement);
        } catch (error) {
          throw new Error(`${error}: ${statement}`, { cause: error });
        }
      }
    } catch (error) {
      if (transaction) await place.run("rollback");
      throw error;
    }
    if (transaction) await place.run("commit");
    assert.ok(!repeat || statements.length === 1, "a step that is repeated");
    await between();
  }
}

/** Prints and parses both files of a plan. */
export function files(
  db: Connection,
  plan: SchemaPlan,
): {
  readonly up: Script;
  readonly down: Script;
  readonly upText: string;
  readonly downText: string;
} {
  const { dialect } = db.migrations();
  const upText = dialect.print(plan.up);
  const downText = dialect.print(plan.down);
  return {
    upText,
    downText,
    up: dialect.parse(upText, "x.up.sql"),
    down: dialect.parse(downText, "x.down.sql"),
  };
}
