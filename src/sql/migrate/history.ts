import { MigrationError } from "../../errors.ts";
import type { HistoryRecord } from "../../migration.ts";
import { HISTORY } from "../../migration_record.ts";
import { sqlStateOf } from "../server_error.ts";
import type { SqlLink } from "../link.ts";
import { recordOf, rowOf, type Written } from "./record.ts";
import { quotedName } from "../quote.ts";

/** The columns, each with its type and the field that it keeps. `begun` is the session's own: the hash of the step without a transaction that was begun. */
const COLUMNS = {
  id: "text primary key",
  kind: "text not null",
  state: "text not null",
  direction: "text not null",
  up_checksum: "text not null",
  down_checksum: "text",
  down_text: "text",
  steps_total: "integer not null",
  steps_done: "integer not null",
  step_hashes: "jsonb not null",
  fingerprint: "text",
  managed: "jsonb not null",
  error: "text",
  code: "text",
  started_at: "timestamptz not null",
  finished_at: "timestamptz",
  milliseconds: "double precision",
  db_user: "text not null",
  host: "text not null",
  tool_version: "text not null",
  server_version: "text not null",
  format: "integer not null",
} as const;

/** The table, with its schema. */
export function historyTable(schema: string): string {
  return `${quotedName(schema)}.${quotedName(HISTORY)}`;
}

/**
 * The history of a schema, oldest first; none where the table is not there.
 *
 * @throws {MigrationError} with exit code 4 where a record cannot be read
 */
export async function readHistory(
  link: SqlLink,
  schema: string,
): Promise<HistoryRecord[]> {
  if (!await exists(link, schema)) return [];
  const records: HistoryRecord[] = [];
  await link.query({
    text: `select to_jsonb(m) from ${
      historyTable(schema)
    } m order by m.started_at, m.id`,
    values: [],
  }, ([json]) => records.push(recordOf(JSON.parse(String(json)))));
  return records;
}

/**
 * Makes the table where it is missing, and its schema.
 *
 * @throws {MigrationError} naming the right that the user lacks
 */
export async function makeHistory(
  link: SqlLink,
  schema: string,
  place: string,
): Promise<void> {
  if (await exists(link, schema)) return;
  const columns = Object.entries(COLUMNS).map(([name, type]) =>
    `${name} ${type}`
  );
  const send = (text: string) => link.query({ text, values: [] });
  try {
    // Both ask for rights even where there is nothing to make.
    if (!await schemaExists(link, schema)) {
      await send(`create schema if not exists ${quotedName(schema)}`);
    }
    await send(
      `create table if not exists ${historyTable(schema)} (${
        [...columns, "begun text"].join(", ")
      })`,
    );
  } catch (error) {
    if (sqlStateOf(error) !== "42501") throw error;
    const user = await userOf(link);
    throw new MigrationError(
      `Cannot make the history ${HISTORY} in the schema ${schema} at ${place}: the user ${user} may not create there. Its owner allows it: GRANT USAGE, CREATE ON SCHEMA ${
        quotedName(schema)
      } TO ${quotedName(user)}`,
      { cause: error },
    );
  }
}

/** Writes or replaces a record. A step that is under way stays so while it is the same that comes next. */
export async function writeRecord(
  link: SqlLink,
  schema: string,
  record: Written,
): Promise<void> {
  const row = rowOf(record);
  const names = Object.keys(row);
  const changed = [...names, "db_user", "server_version"]
    .filter((name) => name !== "id")
    .map((name) => `${name} = excluded.${name}`);
  await link.query({
    text: `insert into ${historyTable(schema)} as m (${
      names.join(", ")
    }, db_user, server_version) values (${
      names.map((_, place) => `$${place + 1}`).join(", ")
    }, current_user, current_setting('server_version')) on conflict (id) do update set ${
      changed.join(", ")
    }, begun = case when (m.direction, m.steps_done) = (excluded.direction, excluded.steps_done) then m.begun end`,
    values: Object.values(row).map((value) =>
      value === null ? null : String(value)
    ),
  });
}

async function exists(link: SqlLink, schema: string): Promise<boolean> {
  return await answer(
    link,
    "select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2)",
    [schema, HISTORY],
  ) === "t";
}

async function schemaExists(link: SqlLink, schema: string): Promise<boolean> {
  return await answer(
    link,
    "select exists (select from pg_namespace where nspname = $1)",
    [schema],
  ) === "t";
}

async function userOf(link: SqlLink): Promise<string> {
  return await answer(link, "select current_user", []) ?? "";
}

async function answer(
  link: SqlLink,
  text: string,
  values: readonly string[],
): Promise<string | null> {
  let first: string | null = null;
  await link.query({ text, values }, ([value]) => first = value ?? null);
  return first;
}
