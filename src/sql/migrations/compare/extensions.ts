import { SQLSTATE } from "../../link/sqlstate.ts";
import type {
  Draft,
  DraftStep,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import { serverErrorOf } from "../../link/server_error.ts";
import { type Provider, providerOf } from "../../schema/extension_hint.ts";
import { named, quotedName } from "../../codec/quote.ts";
import { row, run, type Scratch } from "./scratch_schema.ts";
import { unmade } from "./extension_failure.ts";

/** An extension that models need. */
export interface Extension {
  readonly name: string;
  /** Where the models look for it; the connection's schema where undefined. */
  readonly schema: string | undefined;
}

/** A change that a person makes. */
type Refused = SchemaPlan["refused"][number];

/** What was made, with extensions that were made for it; or what is in the way. */
export type Made<T> =
  & {
    /** Each after those that it needs itself. */
    readonly extensions: readonly Extension[];
  }
  & (
    | { readonly made: T; readonly lacking?: undefined }
    | { readonly made?: undefined; readonly lacking: Refused }
  );

/**
 * Makes something in the scratch place; what it needs of extensions that the
 * database has not is made there before, as long as the scratch place is.
 *
 * @param make must leave nothing where it fails
 * @throws {MigrationError} with exit code 7 where one is in a schema in which
 * migrations do not look
 */
export async function withExtensions<T>(
  scratch: Scratch,
  make: () => Promise<T>,
): Promise<Made<T>> {
  const extensions: Extension[] = [];
  // One that is there is not made again, so that this has an end.
  for (;;) {
    try {
      return { made: await make(), extensions };
    } catch (error) {
      const provider = await providerOf(scratch.tx, error);
      switch (provider?.kind) {
        case undefined:
          throw error;
        case "elsewhere":
        case "other":
          throw unmade(provider, scratch.home, error);
        case "absent":
          return { extensions, lacking: absent(provider) };
        case "available": {
          const { extension: name, schema } = provider;
          for (const each of await withNeeds(scratch, [name])) {
            const extension = {
              name: each,
              schema: each === name ? schema : undefined,
            };
            const lacking = await create(scratch, extension);
            if (lacking !== undefined) return { extensions, lacking };
            extensions.push(extension);
          }
        }
      }
    }
  }
}

/** Both files, with a first step that makes extensions; the way back leaves them. */
export function makingExtensions(
  { up, down }: { readonly up: Draft; readonly down: Draft },
  extensions: readonly Extension[],
): { readonly up: Draft; readonly down: Draft } {
  if (extensions.length === 0) return { up, down };
  const first: DraftStep = {
    transaction: true,
    repeat: false,
    lockTimeout: undefined,
    statementTimeout: undefined,
    statements: extensions.map(statement),
  };
  const stay = extensions.length === 1 ? "extension" : "extensions";
  const comment = `The ${stay} ${
    extensions.map(({ name }) => name).join(", ")
  } stay${extensions.length === 1 ? "s" : ""}: others may use ${
    extensions.length === 1 ? "it" : "them"
  }.`;
  const last = down.steps.length - 1;
  return {
    up: { ...up, steps: [first, ...up.steps] },
    down: {
      ...down,
      steps: down.steps.map((step, place) =>
        place === last
          ? { ...step, comments: [...step.comments ?? [], comment] }
          : step
      ),
    },
  };
}

/** That extensions come, in words. */
export function extensionsInWords(
  { extensions, lacking }: Pick<Made<unknown>, "extensions" | "lacking">,
): string[] {
  return [
    ...extensions.map(({ name }) => `add the extension ${name}`),
    ...lacking === undefined ? [] : [lacking.change],
  ];
}

/** Every extension that something in the scratch place needs, those that were there too; the server's own language is none. */
export async function extensionsIn(
  scratch: Scratch,
): Promise<readonly Extension[]> {
  const { tx, schema, home } = scratch;
  const [found] = await row(tx, USED, [schema, home]);
  const used: Record<string, string | null> = JSON.parse(found ?? "{}");
  const names = await withNeeds(scratch, Object.keys(used), true);
  return names.map((name) => ({ name, schema: used[name] ?? undefined }));
}

/** Extensions, each after those that it needs itself and the database has not. */
async function withNeeds(
  scratch: Scratch,
  names: readonly string[],
  all = false,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of names) {
    const [needs] = await row(scratch.tx, NEEDS, [name, all ? "t" : "f"]);
    const before: string[] = JSON.parse(needs ?? "[]");
    for (const each of await withNeeds(scratch, before, all)) found.add(each);
    found.add(name);
  }
  return [...found];
}

/** Makes an extension in the scratch place; why that cannot be, where it cannot. */
async function create(
  { tx }: Scratch,
  extension: Extension,
): Promise<Refused | undefined> {
  await run(tx, "SAVEPOINT dbp_extension");
  try {
    await run(tx, statement(extension));
    await run(tx, "RELEASE SAVEPOINT dbp_extension");
    return undefined;
  } catch (error) {
    await run(tx, "ROLLBACK TO SAVEPOINT dbp_extension");
    const { code, message = String(error) } = serverErrorOf(error) ?? {};
    const about = await row(tx, ABOUT, [extension.name]);
    const [role = "", database = "", trusted] = about.map((it) => it ?? "");
    const who = trusted === "t"
      ? `somebody who may create in the database ${database}`
      : "a superuser";
    const why = code === SQLSTATE.insufficientPrivilege
      ? `the role ${role} may not, ${who} may`
      : `the server refuses it: ${message}`;
    const grant = trusted === "t" && code === SQLSTATE.insufficientPrivilege
      ? `-- Or the owner of the database lets the role: GRANT CREATE ON DATABASE ${
        named(database)
      } TO ${named(role)};\n`
      : "";
    return {
      change: `add the extension ${extension.name} (${why})`,
      sketch:
        `-- Or ${who} runs this in the database ${database}; make_migrations then goes on.\n${grant}${
          statement(extension)
        };`,
    };
  }
}

function absent(
  { extension, message }: Extract<Provider, { readonly kind: "absent" }>,
): Refused {
  return {
    change:
      `add the extension ${extension} (${message}; this server does not have the extension)`,
    sketch:
      `-- First the server's administrator must install it; PGlite has only those that it is opened with.\n${
        statement({ name: extension, schema: undefined })
      };`,
  };
}

function statement({ name, schema }: Extension): string {
  const place = schema === undefined ? "" : ` SCHEMA ${named(schema)}`;
  return `CREATE EXTENSION IF NOT EXISTS ${quotedName(name)}${place}`;
}

/** What an extension needs besides: what the database has not, or all where `$2`. */
const NEEDS = `
select json_agg(n.name order by n.place)
from pg_available_extensions a
join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
cross join lateral unnest(v.requires) with ordinality as n(name, place)
where a.name = $1 and n.name <> 'plpgsql'
  and (cast($2 as boolean) or not exists (select from pg_extension e where e.extname = n.name))`;

/** Who asks, where, and whether whoever may create in the database may create an extension. */
const ABOUT = `
select current_user, current_database(), (
  select v.trusted or not v.superuser
  from pg_available_extensions a
  join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
  where a.name = $1)`;

/** The extensions on which anything in the schema `$1` depends; with their schemas, where those are neither `$2` nor looked in. */
const USED = `
with recursive place as (
  select case when $1 = 'pg_temp' then pg_my_temp_schema() else (select oid from pg_namespace where nspname = $1) end as oid),
needs(classid, objid) as (
  select cast('pg_class' as regclass), c.oid from pg_class c join place p on c.relnamespace = p.oid
  union select cast('pg_constraint' as regclass), k.oid from pg_constraint k join place p on k.connamespace = p.oid
  union select cast('pg_attrdef' as regclass), d.oid
    from pg_attrdef d join pg_class c on c.oid = d.adrelid join place p on c.relnamespace = p.oid
  union
  select d.refclassid, d.refobjid
  from needs n join pg_depend d on d.classid = n.classid and d.objid = n.objid
  where d.deptype in ('n', 'a', 'i') and d.refclassid <> cast('pg_namespace' as regclass))
select json_object_agg(e.extname, case when s.nspname <> $2 and s.nspname <> all(current_schemas(true)) then s.nspname end)
from pg_extension e
join pg_namespace s on s.oid = e.extnamespace
where e.extname <> 'plpgsql' and exists (
  select from needs n join pg_depend m on m.classid = n.classid and m.objid = n.objid
  where m.deptype = 'e' and m.refclassid = cast('pg_extension' as regclass) and m.refobjid = e.oid)`;
