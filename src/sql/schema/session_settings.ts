import type { SqlLink } from "../link/link.ts";
import { rows } from "../link/run.ts";
import { quotedName } from "../codec/quote.ts";

/** The settings of a migration session, so that a file has the same effect everywhere; settings that a server does not have are skipped. The limits apply outside of steps. */
const PINS = {
  "application_name": "dbp",
  "client_min_messages": "warning",
  "DateStyle": "ISO, MDY",
  "default_transaction_isolation": "read committed",
  "default_transaction_read_only": "off",
  "idle_in_transaction_session_timeout": "0",
  "idle_session_timeout": "0",
  "lock_timeout": "10s",
  // A policy that hides rows is an error, because a migration fills and checks all rows.
  "row_security": "off",
  "standard_conforming_strings": "on",
  "statement_timeout": "60s",
  "TimeZone": "UTC",
  "transaction_timeout": "0",
};

/**
 * The schemas that hold extensions and no other tables. They follow the schema
 * of the connection on the search path, so that a statement about a missing
 * table never finds a table of another schema.
 */
const SEARCH_PATH = `
select distinct n.nspname
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
where n.nspname not in ('pg_catalog', $1) and not exists (
  select from pg_class c
  where c.relnamespace = n.oid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not exists (
    select from pg_depend d
    where d.classid = cast('pg_class' as regclass) and d.objid = c.oid and d.deptype = 'e'))
order by n.nspname`;

const SET = `
select set_config(p.key, p.value, cast($2 as boolean))
from json_each_text(cast($1 as json)) p
where current_setting(p.key, true) is not null`;

/** Applies the settings for migrations in a schema, and more settings. */
export async function pin(
  link: SqlLink,
  schema: string,
  scope: Scope = "session",
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const path = [schema, ...await extensionSchemas(link, schema)];
  const search_path = path.map(quotedName).join(", ");
  await set(link, { ...PINS, ...more, search_path }, scope);
}

/** Returns the schemas of extensions on the search path of migrations. */
export async function extensionSchemas(
  link: SqlLink,
  schema: string,
): Promise<readonly string[]> {
  const found = await rows(link, SEARCH_PATH, [schema]);
  return found.map(([name]) => String(name));
}

/** The duration of a setting. */
export type Scope = "session" | "transaction";

/** Applies settings to the session or to the open transaction. */
export async function set(
  link: SqlLink,
  settings: Readonly<Record<string, string>>,
  scope: Scope = "session",
): Promise<void> {
  await link.query({
    text: SET,
    values: [JSON.stringify(settings), scope === "transaction" ? "t" : "f"],
  });
}

/** The limits of statements outside of steps. */
export const BASE_LIMITS: Readonly<Record<string, string>> = {
  "lock_timeout": PINS.lock_timeout,
  "statement_timeout": PINS.statement_timeout,
};
