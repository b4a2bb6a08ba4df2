import { MigrationError } from "../../../errors.ts";
import { serverErrorOf } from "../../server_error.ts";
import { row, type Scratch } from "./scratch.ts";

/** Extensions by the names of what they provide, where it is not their own. */
const PROVIDERS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:word_)?similarity\(/, "pg_trgm"],
  [/\buuid_generate_\w+\(/, "uuid-ossp"],
  [/\b(?:gen_salt|crypt|digest|hmac)\(/, "pgcrypto"],
  [/\b(?:geometry|geography|st_\w+\()/i, "postgis"],
  [/\b(?:halfvec|sparsevec|hnsw|ivfflat)\b/, "vector"],
  [/\bq3c_\w+\(/, "q3c"],
  [/\b(?:spoint|scircle|spoly|sbox)\b/, "pg_sphere"],
  [/no default operator class .*"gin"/, "btree_gin"],
  [/no default operator class .*"gist"/, "btree_gist"],
];

/** What is not there: a type, a default operator class, an access method; a function. */
const MISSING = ["42704", "42883"];

/** What to tell where the server cannot make the models' tables: the extension that lacks, where that is the reason; the error itself otherwise. */
export async function unmade(
  scratch: Scratch,
  error: unknown,
): Promise<unknown> {
  const { tx, home } = scratch;
  const { code = "", message = "" } = serverErrorOf(error) ?? {};
  if (!MISSING.includes(code)) return error;
  const known = PROVIDERS.find(([name]) => name.test(message))?.[1];
  const words = known === undefined ? message.match(/\w+/g) ?? [] : [known];
  const [extension, place] = await row(tx, EXTENSION, [JSON.stringify(words)]);
  const name = extension ?? known;
  if (name === undefined) return await elsewhere(scratch, message) ?? error;
  return new MigrationError(
    `Cannot make the models' tables: ${message}. The extension ${name} provides it, ${
      extension === undefined
        ? "which this server does not have: its administrator must install it"
        : place === null || place === undefined
        ? `which is not in this database: write CREATE EXTENSION IF NOT EXISTS "${name}" into a migration of its own (dbp make_migrations --empty) and apply that first`
        : `which is in the schema ${place}, where migrations of ${home} do not look: write ${place}. before its names in the models`
    }`,
    { exitCode: 7, cause: error },
  );
}

/** What somebody made in a schema where migrations do not look. */
async function elsewhere(
  { tx, home }: Scratch,
  message: string,
): Promise<MigrationError | undefined> {
  const words = JSON.stringify(message.match(/\w+/g) ?? []);
  const [name, place] = await row(tx, ELSEWHERE, [words]);
  return name === undefined ? undefined : new MigrationError(
    `Cannot make the models' tables: ${message}. One is in the schema ${place}, where migrations of ${home} do not look: write ${place}.${name} in the models`,
    { exitCode: 7 },
  );
}

const ELSEWHERE = `
select f.name, n.nspname
from (
  select typname as name, typnamespace as place from pg_type where typrelid = 0
  union all select proname, pronamespace from pg_proc) f
join pg_namespace n on n.oid = f.place
where f.name in (select json_array_elements_text(cast($1 as json)))
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
limit 1`;

/** An extension of one of these names that the server has, and the schema where it is. */
const EXTENSION = `
select a.name, n.nspname
from pg_available_extensions a
left join pg_extension e on e.extname = a.name
left join pg_namespace n on n.oid = e.extnamespace
where a.name in (select json_array_elements_text(cast($1 as json)))
limit 1`;
