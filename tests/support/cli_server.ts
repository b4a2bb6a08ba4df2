import pg from "pg";
import { settingsFile } from "./cli.ts";
import { clientConfig, freshSchema, postgresSettings } from "./engines.ts";

/** A new schema on the server of the tests, with a settings file for it. */
export interface ServerSettings extends AsyncDisposable {
  /** The settings file. */
  readonly path: string;
  readonly schema: string;
  /** Runs a statement in the schema. */
  sql(text: string): Promise<unknown[]>;
  /** The tables and columns of the schema, with the transactions that wrote their catalog rows. */
  state(): Promise<unknown[]>;
}

/** Writes settings for a schema that does not exist yet, and other settings. */
export async function onServer(settings: object = {}): Promise<ServerSettings> {
  const schema = freshSchema();
  const server = postgresSettings();
  const { path, ...file } = await settingsFile({
    DB_CONFIG: { SQL: { ...server, SCHEMA: schema, ...settings } },
  });
  const client = new pg.Client({
    ...clientConfig(server),
    options: `-c search_path=${schema}`,
  });
  await client.connect();
  const sql = async (text: string): Promise<unknown[]> =>
    (await client.query(text)).rows;
  return {
    path,
    schema,
    sql,
    state: () =>
      sql(
        `select c.relname, c.xmin, array_agg((a.attname, a.xmin)::text order by a.attnum) as columns
         from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relnamespace = to_regnamespace('${schema}') group by c.oid, c.relname, c.xmin order by 1`,
      ),
    async [Symbol.asyncDispose]() {
      await client.end();
      await file[Symbol.asyncDispose]();
    },
  };
}
