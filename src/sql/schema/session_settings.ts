import type { SqlLink } from "../link/link.ts";
import { quotedName } from "../codec/quote.ts";

/** What a session of migrations sets, so that a file means the same everywhere; those that a server does not have are left out. Limits are for what is not a step. */
const PINS = {
  "application_name": "dbp",
  "client_min_messages": "warning",
  "DateStyle": "ISO, MDY",
  "default_transaction_isolation": "read committed",
  "default_transaction_read_only": "off",
  "idle_in_transaction_session_timeout": "0",
  "idle_session_timeout": "0",
  "lock_timeout": "10s",
  // A policy that hides rows from whoever migrates is an error, for what is filled and checked is all rows.
  "row_security": "off",
  "standard_conforming_strings": "on",
  "statement_timeout": "60s",
  "TimeZone": "UTC",
  "transaction_timeout": "0",
};

/**
 * Where names without a schema are looked for: the connection's schema, then
 * those that hold extensions and no table of anybody's, so that a statement
 * about a missing table never finds another schema's.
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
select set_config(s.name, p.value, cast($2 as boolean))
from json_each_text(cast($1 as json)) p
join pg_settings s on lower(s.name) = lower(p.key)`;

/** Sets settings for migrations in a schema, and more of them. */
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

/** The schemas besides a connection's own in which migrations look for names: those of extensions. */
export async function extensionSchemas(
  link: SqlLink,
  schema: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  await link.query(
    { text: SEARCH_PATH, values: [schema] },
    ([name]) => found.push(String(name)),
  );
  return found;
}

/** How long a setting lasts. */
export type Scope = "session" | "transaction";

/** Sets settings of the session, or of the transaction that is open. */
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

/** What limits a statement that is not in a step. */
export const BASE_LIMITS: Readonly<Record<string, string>> = {
  "lock_timeout": PINS.lock_timeout,
  "statement_timeout": PINS.statement_timeout,
};
