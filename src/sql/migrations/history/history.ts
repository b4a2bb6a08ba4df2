import { SQLSTATE } from "../../link/sqlstate.ts";
import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { HistoryRecord } from "../../../engine/migrations/mod.ts";
import { FORMER, HISTORY } from "../../../migrations/history/record.ts";
import { sqlStateOf } from "../../link/server_error.ts";
import type { SqlLink } from "../../link/link.ts";
import { recordOf, rowOf, RUN_COLUMNS, type Written } from "./record.ts";
import { quotedName } from "../../codec/quote.ts";

/** The columns, each with its type and the field that it keeps. `begun` is the session's own: the hash of the step without a transaction that was begun; `former` is what runs came to before the last. */
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
  begun: "text",
  former: "jsonb not null default '[]'",
} as const;

/** The run that a row has among the former ones, and of many the newest. */
const KEPT =
  `jsonb_path_query_array(m.former || jsonb_build_array(jsonb_build_object(${
    RUN_COLUMNS.map((name) => `'${name}', m.${name}`).join(", ")
  })), '$[last - ${FORMER - 1} to last]')`;

/** Columns that a history of any version has. */
const LASTING = ["id", "state", "started_at", "format"];

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
  const columns = await columnsOf(link, schema);
  if (columns === undefined) return [];
  const lacking = LASTING.filter((name) => !columns.includes(name));
  if (lacking.length > 0) {
    throw new MigrationError(
      `${historyTable(schema)} is not the history of migrations: it has no ${
        lacking.join(", ")
      }. Give it another name, or migrate another schema`,
      { exitCode: EXIT.invalid },
    );
  }
  const records: HistoryRecord[] = [];
  await allowed(link, schema, "read", () =>
    link.query({
      text: `select to_jsonb(m) from ${
        historyTable(schema)
      } m order by m.started_at, m.id`,
      values: [],
    }, ([json]) => records.push(recordOf(JSON.parse(String(json))))));
  return records;
}

/** The rights that it takes. */
const RIGHTS = { read: "SELECT", write: "SELECT, INSERT, UPDATE" } as const;

/**
 * Does something with the history's rows.
 *
 * @throws {MigrationError} naming the right that the user lacks
 */
async function allowed<T>(
  link: SqlLink,
  schema: string,
  act: keyof typeof RIGHTS,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (sqlStateOf(error) !== SQLSTATE.insufficientPrivilege) throw error;
    // In a transaction that failed nobody is asked any more.
    const user = await userOf(link).catch(() => undefined);
    if (user === undefined) throw error;
    throw new MigrationError(
      `Cannot ${act} the history ${HISTORY} in the schema ${schema}: the user ${user} may not. Its owner allows it: GRANT ${
        RIGHTS[act]
      } ON ${historyTable(schema)} TO ${quotedName(user)}`,
      { cause: error },
    );
  }
}

/**
 * Makes the table where it is missing, and its schema; one of an earlier
 * version gets the column that it lacks.
 *
 * @throws {MigrationError} naming the right that the user lacks
 */
export async function makeHistory(
  link: SqlLink,
  schema: string,
  place: string,
): Promise<void> {
  const there = await columnsOf(link, schema);
  if (there?.includes("former")) return;
  const columns = Object.entries(COLUMNS).map(([name, type]) =>
    `${name} ${type}`
  );
  const send = (text: string) => link.query({ text, values: [] });
  try {
    if (there !== undefined) {
      await send(
        `alter table ${
          historyTable(schema)
        } add column if not exists former ${COLUMNS.former}`,
      );
      return;
    }
    // Both ask for rights even where there is nothing to make.
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
    if (there !== undefined) {
      throw new MigrationError(
        `The history ${HISTORY} in the schema ${schema} at ${place} is of an earlier version, and the user ${user} may not change it. Its owner does: ALTER TABLE ${
          historyTable(schema)
        } ADD COLUMN former ${COLUMNS.former}`,
        { cause: error },
      );
    }
    throw new MigrationError(
      `Cannot make the history ${HISTORY} in the schema ${schema} at ${place}: the user ${user} may not create there. Its owner allows it: GRANT USAGE, CREATE ON SCHEMA ${
        quotedName(schema)
      } TO ${quotedName(user)}`,
      { cause: error },
    );
  }
}

/** Writes or replaces a record; the run that it replaces is kept among the former ones, in the same statement. A step that is under way stays so while it is the same that comes next. */
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
  const text = `insert into ${historyTable(schema)} as m (${
    names.join(", ")
  }, db_user, server_version) values (${
    names.map((_, place) => `$${place + 1}`).join(", ")
  }, current_user, current_setting('server_version')) on conflict (id) do update set ${
    changed.join(", ")
  }, begun = case when (m.direction, m.steps_done) = (excluded.direction, excluded.steps_done) then m.begun end, former = case when m.started_at = excluded.started_at then m.former else ${KEPT} end`;
  const values = Object.values(row).map((value) =>
    value === null ? null : String(value)
  );
  await allowed(link, schema, "write", () => link.query({ text, values }));
}

/** The names of the table's columns; undefined where it is not there. */
async function columnsOf(
  link: SqlLink,
  schema: string,
): Promise<readonly string[] | undefined> {
  const names = await answer(
    link,
    "select array_to_string(array(select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), ' ') from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2",
    [schema, HISTORY],
  );
  return names?.split(" ");
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
