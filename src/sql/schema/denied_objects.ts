import { DatabaseError } from "../../base/errors/mod.ts";
import { LACKED_RIGHT } from "../driver/errors.ts";
import type { SqlLink } from "../link/link.ts";
import { isDenied, serverErrorOf } from "../link/server_error.ts";
import { SQLSTATE } from "../link/sqlstate.ts";

/** The functions of the server that deny a temporary table, and another use of the database. */
const TEMPORARY = "InitTempTableNamespace";
const OBJECT = "aclcheck_error";

/** An object that a message of the server names, and the rights on it that the role lacks. */
interface DeniedObject {
  /** What it is, as GRANT names it: `SEQUENCE`. */
  readonly kind: string;
  readonly name: string;
  /** The object as SQL, with its schema. */
  readonly path: string;
  readonly owner: string;
  readonly role: string;
  /** 2 in the schema of the connection, 1 if statements find it without a schema, 0 elsewhere. */
  readonly nearness: number;
  readonly rights: readonly string[];
}

/**
 * Returns the error of a denied statement with the right that the role lacks and
 * the GRANT that gives it. Returns other errors unchanged.
 *
 * @param link outside of the failed transaction, which accepts no statement
 * @param schema the schema of the connection
 */
export async function withDeniedObject(
  link: SqlLink,
  error: unknown,
  schema: string | undefined,
): Promise<unknown> {
  if (!isDenied(error) || !error.message.endsWith(LACKED_RIGHT)) return error;
  const text = await missingRightText(link, error, schema);
  return text === undefined ? error : new DatabaseError(
    `${error.message.slice(0, -LACKED_RIGHT.length)}. ${text}`,
    { cause: error.cause, code: error.code },
  );
}

/**
 * Returns which right the role lacks and the GRANT that gives it: on the object
 * that the message of the server names, in any language. Returns undefined if
 * the catalogs know no such object, or cannot be read.
 */
export async function missingRightText(
  link: SqlLink,
  error: unknown,
  schema: string | undefined,
): Promise<string | undefined> {
  const cause = serverErrorOf(error);
  if (cause?.code !== SQLSTATE.insufficientPrivilege) return undefined;
  const { message, routine = "" } = cause;
  const found: DeniedObject[] = [];
  await link.query(
    {
      text: DENIED,
      values: [message, schema ?? null, routine],
      isCatalogRead: true,
    },
    ([json]) => found.push(JSON.parse(String(json))),
  ).catch(() => undefined);
  const objects = likeliest(
    found.filter(({ name }) => isNamed(message, name)),
  );
  return objects.length === 0
    ? undefined
    : objects.map(objectText).join("; or ");
}

/** Whether a message contains a name as a whole word. */
function isNamed(message: string, name: string): boolean {
  const parts = message.split(name);
  return parts.some((before, index) => {
    const after = parts[index + 1];
    return after !== undefined && !/[\p{L}\p{N}_$]$/u.test(before) &&
      !/^[\p{L}\p{N}_$]/u.test(after);
  });
}

/** Returns the objects with the longest name, because a word of the message can be the name of another object. Of one kind there can be several, in different schemas: then the nearest one, or none. */
function likeliest(objects: readonly DeniedObject[]): readonly DeniedObject[] {
  const longest = Math.max(...objects.map(({ name }) => name.length));
  const named = objects.filter(({ name }) => name.length === longest);
  return [...Map.groupBy(named, ({ kind }) => kind).values()].flatMap(
    (same) => {
      const nearest = Math.max(...same.map(({ nearness }) => nearness));
      const near = same.filter(({ nearness }) => nearness === nearest);
      return near.length === 1 ? near : [];
    },
  );
}

function objectText(
  { kind, path, owner, role, rights }: DeniedObject,
): string {
  const what = `${kind.toLowerCase()} ${path}`;
  if (rights.length === 0) {
    return `Only the owner of ${what} can do that: run it as ${owner} or as a member of that role`;
  }
  const all = rights.join(", ");
  const lack = `The role ${role} lacks ${all} on ${what}`;
  const grant = `can run GRANT ${all} ON ${kind} ${path} TO ${role}`;
  return kind === "TABLE"
    ? `${lack}, and only its owner, ${owner}, can change or drop it. The owner ${grant}, with only the privileges that the statement needs`
    : `${lack}: its owner, ${owner}, ${grant}`;
}

/** SQL for the rights of a list that the role lacks. */
function lacking(
  check: string,
  rights: readonly string[],
  object = "o.oid",
): string {
  const each = rights.map((right) =>
    `case when not pg_catalog.has_${check}_privilege(${object}, '${right}') then '${right}' end`
  );
  return `pg_catalog.array_remove(array[${each.join(", ")}], null)`;
}

const IN_SCHEMA =
  "pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident";

/** The objects whose names are in the message `$1`, and on which the role lacks a right or which it does not own. `$2` is the schema of the connection, `$3` the function of the server that raised the error. */
const DENIED = `
with objects as (
  select case when o.relkind = 'S' then 'SEQUENCE' else 'TABLE' end as kind, o.relname as name, ${IN_SCHEMA}(o.relname) as path,
    o.relowner as owner, n.nspname as home, pg_catalog.pg_table_is_visible(o.oid) as visible,
    case when o.relkind = 'S' then (${
  lacking("sequence", ["USAGE", "UPDATE", "SELECT"])
})[1:1] else coalesce(nullif(${
  lacking("table", ["SELECT", "INSERT", "UPDATE", "DELETE"])
}, array[]::text[]), ${
  lacking("table", ["REFERENCES", "TRUNCATE"])
}) end as rights
  from pg_catalog.pg_class o join pg_catalog.pg_namespace n on n.oid = o.relnamespace
  where o.relkind in ('S', 'r', 'p', 'v', 'm', 'f') and pg_catalog.strpos($1, o.relname) > 0
  union all
  select 'SCHEMA', o.nspname, pg_catalog.quote_ident(o.nspname), o.nspowner, o.nspname, true, (${
  lacking("schema", ["USAGE", "CREATE"])
})[1:1]
  from pg_catalog.pg_namespace o where pg_catalog.strpos($1, o.nspname) > 0
  union all
  select 'DATABASE', o.datname, pg_catalog.quote_ident(o.datname), o.datdba, null, true,
    case when $3 = '${TEMPORARY}' then ${
  lacking("database", ["TEMPORARY"])
} else ${lacking("database", ["CREATE"])} end
  from pg_catalog.pg_database o where o.datname = pg_catalog.current_database() and $3 in ('${TEMPORARY}', '${OBJECT}')
  union all
  select case when o.prokind = 'p' then 'PROCEDURE' else 'FUNCTION' end, o.proname, ${IN_SCHEMA}(o.proname) || '(' || pg_catalog.pg_get_function_identity_arguments(o.oid) || ')',
    o.proowner, n.nspname, pg_catalog.pg_function_is_visible(o.oid), ${
  lacking("function", ["EXECUTE"])
}
  from pg_catalog.pg_proc o join pg_catalog.pg_namespace n on n.oid = o.pronamespace where pg_catalog.strpos($1, o.proname) > 0
  union all
  select case when o.typtype = 'd' then 'DOMAIN' else 'TYPE' end, o.typname, ${IN_SCHEMA}(o.typname), o.typowner, n.nspname, pg_catalog.pg_type_is_visible(o.oid), ${
  lacking("type", ["USAGE"])
}
  from pg_catalog.pg_type o join pg_catalog.pg_namespace n on n.oid = o.typnamespace
  where o.typtype in ('b', 'd', 'e', 'r') and pg_catalog.strpos($1, o.typname) > 0
  union all
  select 'FOREIGN SERVER', o.srvname, pg_catalog.quote_ident(o.srvname), o.srvowner, null, true, ${
  lacking("server", ["USAGE"])
}
  from pg_catalog.pg_foreign_server o where pg_catalog.strpos($1, o.srvname) > 0
)
select pg_catalog.json_build_object('kind', kind, 'name', name, 'path', path, 'rights', rights,
  'owner', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(owner)), 'role', pg_catalog.quote_ident(current_user),
  'nearness', case when home = $2 then 2 when visible then 1 else 0 end)::text
from objects
where home is distinct from 'information_schema' and (pg_catalog.cardinality(rights) > 0 or
  (home is distinct from 'pg_catalog' and not pg_catalog.pg_has_role(owner, 'usage')))`;
