import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../../engine/migrations/mod.ts";
import { FORMER, HISTORY } from "../../../migrations/history/record.ts";
import { readRecord } from "../../../migrations/history/stored_record.ts";
import { sqlStateOf } from "../../link/server_error.ts";
import { SQLSTATE } from "../../link/sqlstate.ts";
import type { SqlLink } from "../../link/link.ts";
import { row } from "../../link/run.ts";
import { quotedName } from "../../codec/quote.ts";
import {
  columnOf,
  COLUMNS,
  columnValues,
  COMPUTED,
  LASTING_COLUMNS,
  RUN_COLUMNS,
  type SentRecord,
} from "./columns.ts";

/** Appends the replaced run to the former runs, and keeps the most recent ones. */
const FORMER_RUNS =
  `jsonb_path_query_array(m.former || jsonb_build_array(jsonb_build_object(${
    RUN_COLUMNS.map((name) => `'${name}', m.${name}`).join(", ")
  })), '$[last - ${FORMER - 1} to last]')`;

/** Returns the quoted name of the history table, with its schema. */
export function historyTable(schema: string): string {
  return `${quotedName(schema)}.${quotedName(HISTORY)}`;
}

/**
 * Returns the history of a schema, oldest record first; an empty list if the
 * table does not exist.
 *
 * @throws {MigrationError} with exit code 4 if a record is invalid
 */
export async function readHistory(
  link: SqlLink,
  schema: string,
): Promise<HistoryRecord[]> {
  const columns = await columnsOf(link, schema);
  if (columns === undefined) return [];
  const missing = LASTING_COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new MigrationError(
      `Cannot read the history: the table ${
        historyTable(schema)
      } belongs to something else, for it has no ${
        missing.join(", ")
      }. Rename that table, or migrate another schema`,
      { exitCode: EXIT.invalid },
    );
  }
  const records: HistoryRecord[] = [];
  await withPrivilege(link, schema, "read", () =>
    link.query(
      {
        text: `select to_jsonb(m) from ${
          historyTable(schema)
        } m order by m.started_at, m.id`,
        values: [],
      },
      ([json]) => records.push(readRecord(JSON.parse(String(json)), columnOf)),
    ));
  return records;
}

/** The privileges that each access needs. */
const PRIVILEGES = { read: "SELECT", write: "SELECT, INSERT, UPDATE" } as const;

/** @throws {MigrationError} naming the missing GRANT, if the role lacks a privilege on the history */
async function withPrivilege<T>(
  link: SqlLink,
  schema: string,
  access: keyof typeof PRIVILEGES,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (sqlStateOf(error) !== SQLSTATE.insufficientPrivilege) throw error;
    // A failed transaction answers no further query.
    const user = await userOf(link).catch(() => undefined);
    if (user === undefined) throw error;
    const what = `Cannot ${access} the history ${HISTORY} in schema ${schema}`;
    const role = quotedName(user);
    throw new MigrationError(
      await mayUse(link, schema)
        ? `${what}: user ${user} needs ${
          PRIVILEGES[access]
        }. The table owner can run: GRANT ${PRIVILEGES[access]} ON ${
          historyTable(schema)
        } TO ${role}`
        : `${what}: user ${user} needs USAGE. The schema owner can run: GRANT USAGE ON SCHEMA ${
          quotedName(schema)
        } TO ${role}`,
      { cause: error },
    );
  }
}

/**
 * Creates the history table and its schema if they are missing. Adds the
 * missing column to a table of an earlier version.
 *
 * @throws {MigrationError} naming the missing GRANT, if the role lacks a privilege
 */
export async function createHistory(
  link: SqlLink,
  schema: string,
  place: string,
): Promise<void> {
  const existing = await columnsOf(link, schema);
  if (existing?.includes("former")) return;
  const columns = Object.entries(COLUMNS).map(([name, type]) =>
    `${name} ${type}`
  );
  const send = (text: string) => link.query({ text, values: [] });
  try {
    if (existing !== undefined) {
      await send(
        `alter table ${
          historyTable(schema)
        } add column if not exists former ${COLUMNS.former}`,
      );
      return;
    }
    // Both statements need privileges even if there is nothing to create.
    if (!await schemaExists(link, schema)) {
      await send(`create schema if not exists ${quotedName(schema)}`);
    }
    await send(
      `create table if not exists ${historyTable(schema)} (${
        columns.join(", ")
      })`,
    );
  } catch (error) {
    if (sqlStateOf(error) !== SQLSTATE.insufficientPrivilege) throw error;
    const user = await userOf(link);
    const what = `the history ${HISTORY} in schema ${schema} at ${place}`;
    throw new MigrationError(
      existing === undefined
        ? `Cannot create ${what}: user ${user} may not create objects there. The schema owner can run: GRANT USAGE, CREATE ON SCHEMA ${
          quotedName(schema)
        } TO ${quotedName(user)}`
        : `Cannot upgrade ${what} to this version: user ${user} does not own the table. The table owner can run: ALTER TABLE ${
          historyTable(schema)
        } ADD COLUMN former ${COLUMNS.former}`,
      { cause: error },
    );
  }
}

/**
 * Inserts or replaces a record. The same statement keeps the replaced run among
 * the former runs, and keeps the note of a started step if that step is still
 * the next one.
 */
export async function writeRecord(
  link: SqlLink,
  schema: string,
  record: SentRecord,
): Promise<void> {
  const values = columnValues(record);
  const names = [...values.keys(), ...Object.keys(COMPUTED)];
  const expressions = [
    ...[...values.keys()].map((_, index) => `$${index + 1}`),
    ...Object.values(COMPUTED),
  ];
  const changed = names.filter((name) => name !== "id")
    .map((name) => `${name} = excluded.${name}`);
  const text = `insert into ${historyTable(schema)} as m (${
    names.join(", ")
  }) values (${expressions.join(", ")}) on conflict (id) do update set ${
    changed.join(", ")
  }, begun = case when (m.direction, m.steps_done) = (excluded.direction, excluded.steps_done) then m.begun end, former = case when m.started_at = excluded.started_at then m.former else ${FORMER_RUNS} end`;
  await withPrivilege(
    link,
    schema,
    "write",
    () => link.query({ text, values: [...values.values()] }),
  );
}

/** Returns the names of the table's columns; undefined if the table does not exist. */
async function columnsOf(
  link: SqlLink,
  schema: string,
): Promise<readonly string[] | undefined> {
  const [names] = await row(
    link,
    "select array_to_string(array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), ' ') from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2",
    [schema, HISTORY],
  );
  return names?.split(" ");
}

async function schemaExists(link: SqlLink, schema: string): Promise<boolean> {
  const [exists] = await row(
    link,
    "select exists (select from pg_namespace where nspname = $1)",
    [schema],
  );
  return exists === "t";
}

async function userOf(link: SqlLink): Promise<string> {
  const [user] = await row(link, "select current_user");
  return user ?? "";
}

/** Whether the role has the privilege to use the objects of a schema. */
async function mayUse(link: SqlLink, schema: string): Promise<boolean> {
  const [mayUse] = await row(
    link,
    "select pg_catalog.has_schema_privilege($1, 'usage')::text",
    [schema],
  );
  return mayUse === "true";
}
