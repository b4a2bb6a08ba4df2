import { type DatabaseConnection, SQLConnection } from "@alerce/db-plugins";
import pg from "pg";
import { clientConfig } from "../engines.ts";
import { FAULT_MODELS } from "./models.ts";
import type { Target } from "./run.ts";

/** The name of the connections under faults. */
const APPLICATION = "dbp-faults";

/** What a session must not keep. `$1` is whether clients are still connected. */
const KEPT = `
  select 'a transaction: ' || coalesce(query, '') as what
  from pg_stat_activity
  where application_name = '${APPLICATION}' and datname = current_database() and xact_start is not null
  union all
  select 'a connection: ' || coalesce(query, '')
  from pg_stat_activity
  where application_name = '${APPLICATION}' and datname = current_database() and not $1
  union all
  select 'an advisory lock of process ' || pid from pg_locks
  where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
  union all
  select 'the temporary table ' || relname from pg_class where relpersistence = 't' and relkind = 'r'
  union all
  select 'the prepared transaction ' || gid from pg_prepared_xacts where database = current_database()`;

/**
 * The tables of the writers in a database.
 *
 * @param through the settings of the way to the server that has the faults
 * @param server the settings of the server, as it is when this is called
 */
export async function postgresqlTarget(
  through: Readonly<Record<string, unknown>>,
  server: () => Readonly<Record<string, unknown>>,
): Promise<Target> {
  const direct = new SQLConnection({ models: FAULT_MODELS });
  await direct.connect(server());
  await direct.createDb();
  await direct.close();
  const asked = async <Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> => {
    const client = new pg.Client({
      ...clientConfig(server()),
      application_name: "dbp-check",
    });
    // A server that is stopped ends idle clients.
    client.on("error", () => {});
    await client.connect();
    try {
      const { rows } = await client.query(text, [...values]);
      return rows;
    } finally {
      await client.end();
    }
  };
  const kept = async (areOpen: boolean): Promise<string[]> =>
    (await asked<{ what: string }>(KEPT, [areOpen])).map(({ what }) => what);
  const byId = <Row extends { id: bigint }>(rows: readonly Row[]): Row[] =>
    rows.map((row) => ({ ...row, id: BigInt(row.id) }));
  return {
    promises: { areBulkWritesAtomic: true },
    async connect(): Promise<DatabaseConnection> {
      const db = new SQLConnection({ models: FAULT_MODELS });
      await db.connect(through);
      return db;
    },
    rows: async () => ({
      item: byId(await asked("select id, op, mark from item")),
      pair: byId(await asked("select id, op from pair")),
      entry: await asked("select op, n from entry"),
    }),
    open: () => kept(true),
    left: () => kept(false),
  };
}

/** The URL of servers on the loopback interface that takes the one that accepts writes. */
export function urlOf(
  ports: readonly number[],
  { USER, PASSWORD, DB_NAME }: Readonly<Record<string, unknown>>,
): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(",");
  const more = ports.length > 1 ? "&target_session_attrs=read-write" : "";
  return `postgresql://${USER}:${
    encodeURIComponent(String(PASSWORD))
  }@${hosts}/${DB_NAME}?application_name=${APPLICATION}${more}`;
}
