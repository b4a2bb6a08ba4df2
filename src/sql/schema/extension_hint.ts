import { SQLSTATE } from "../link/sqlstate.ts";
import { serverErrorOf } from "../link/server_error.ts";
import type { SqlLink } from "../link/link.ts";
import { rows } from "../link/run.ts";

/** Extensions by the names of the objects that they provide. */
const PROVIDERS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:\w+_)?similarity\(|\b(?:gin|gist)_trgm_ops\b|\bshow_trgm\(/,
    "pg_trgm",
  ],
  [/\buuid_generate_\w+\(/, "uuid-ossp"],
  [
    /\b(?:gen_salt|crypt|digest|hmac|gen_random_bytes|pgp_\w+)\(/,
    "pgcrypto",
  ],
  [/\b(?:geometry|geography|st_\w+\()/i, "postgis"],
  [/\b(?:halfvec|sparsevec|hnsw|ivfflat)\b/, "vector"],
  [/\bq3c_\w+\(/, "q3c"],
  [/\bcube\(/, "cube"],
  [/\b(?:spoint|scircle|spoly|sbox)\b/, "pg_sphere"],
  [/\bhealpix_\w+\(/, "pg_healpix"],
  [/\b(?:ll_to_earth|earth_\w+)\(|"earth"/, "earthdistance"],
  [/\b(?:levenshtein\w*|soundex|d?metaphone\w*)\(/, "fuzzystrmatch"],
  [/no default operator class .*"gin"/, "btree_gin"],
  [/no default operator class .*"gist"/, "btree_gist"],
];

/** SQLSTATEs of a missing type, operator class or access method, and of a missing function. */
const MISSING: readonly string[] = [
  SQLSTATE.undefinedObject,
  SQLSTATE.undefinedFunction,
];

/** Returns whether a statement failed because of a missing type, function or similar object. */
export function isMissing(error: unknown): boolean {
  return MISSING.includes(serverErrorOf(error)?.code ?? "");
}

/** The source of an object that the server did not find. */
export type Provider =
  & {
    /** The message of the server. */
    readonly message: string;
  }
  & (
    /** An extension that is not in this database, and the schema that the statement names for it. */
    | {
      readonly kind: "available";
      readonly extension: string;
      readonly schema: string | undefined;
    }
    /** An extension that the server does not have. */
    | { readonly kind: "absent"; readonly extension: string }
    /** An extension in a schema that is not on the search path. */
    | {
      readonly kind: "elsewhere";
      readonly extension: string;
      readonly schema: string;
    }
    /** An object that a user created in such a schema. */
    | {
      readonly kind: "other";
      readonly name: string;
      readonly schema: string;
    }
  );

/**
 * Returns the source of the object that a statement did not find; undefined if
 * it is unknown or the statement failed for another reason.
 *
 * @param link with the search path of the statement
 */
export async function providerOf(
  link: SqlLink,
  error: unknown,
): Promise<Provider | undefined> {
  if (!isMissing(error)) return undefined;
  const { message = "" } = serverErrorOf(error) ?? {};
  const known = PROVIDERS.find(([name]) => name.test(message))?.[1];
  const extensions = await named(
    link,
    EXTENSIONS,
    known === undefined ? message.match(/\w+/g) ?? [] : [known],
  );
  const [apart] = extensions.filter(([, , isSearched]) => isSearched === "f");
  if (apart !== undefined) {
    const [extension = "", schema = ""] = apart;
    return { message, kind: "elsewhere", extension, schema };
  }
  const [other] = await named(
    link,
    OTHERS,
    message.match(/(?<!\w)\w+(?=\()|(?<=["«„] ?)\w+/g) ?? [],
  );
  if (other !== undefined) {
    const [name = "", schema = ""] = other;
    return { message, kind: "other", name, schema };
  }
  const [extension] = extensions.find(([, schema]) => schema === "") ?? [];
  if (extension !== undefined) {
    const [, schema] = /(?<!\w)(\w+)\.\w+[("]/.exec(message) ?? [];
    return { message, kind: "available", extension, schema };
  }
  return known === undefined || extensions.length > 0
    ? undefined
    : { message, kind: "absent", extension: known };
}

async function named(
  link: SqlLink,
  text: string,
  names: readonly string[],
): Promise<readonly string[][]> {
  const found = await rows(link, text, [JSON.stringify(names)]);
  return found.map((row) => row.map((value) => value ?? ""));
}

/** The extensions of these names that the server has, with their schema if they are in this database, and whether that is on the search path. */
const EXTENSIONS = `
select a.name, n.nspname, n.nspname = any(current_schemas(true))
from pg_available_extensions a
left join pg_extension e on e.extname = a.name
left join pg_namespace n on n.oid = e.extnamespace
where a.name in (select json_array_elements_text(cast($1 as json)))
order by a.name`;

/** Types and functions of these names that belong to no extension, in schemas that are not on the search path. */
const OTHERS = `
select f.name, n.nspname
from (
  select typname as name, typnamespace as place, oid, cast('pg_type' as regclass) as kind
  from pg_type where typrelid = 0
  union all select proname, pronamespace, oid, cast('pg_proc' as regclass) from pg_proc) f
join pg_namespace n on n.oid = f.place
where f.name in (select json_array_elements_text(cast($1 as json)))
  and n.nspname <> all(current_schemas(true)) and n.nspname <> 'information_schema'
  and n.nspname not like 'pg\\_%' and n.nspname not like 'dbp\\_scratch\\_%'
  and not exists (
    select from pg_depend d where d.classid = f.kind and d.objid = f.oid and d.deptype = 'e')
order by n.nspname
limit 1`;
