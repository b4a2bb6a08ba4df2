import type { Draft } from "../../../engine/migrations/mod.ts";
import { type Refusal, STEP } from "../../../migrations/plan/draft.ts";
import {
  absentExtension,
  createExtension,
  type Extension,
  type ExtensionProblem,
  extensionStatement,
} from "../../schema/create_extension.ts";
import { providerOf } from "../../schema/extension_hint.ts";
import { extensionFailure } from "./extension_failure.ts";
import type { Scratch } from "./scratch_schema.ts";
import { row } from "../../link/run.ts";

/** A value and the extensions that were created for it, or the extension that is missing. */
export interface Extended<T> {
  /** Each after the extensions that it requires. */
  readonly extensions: readonly Extension[];
  /** The value; undefined if it needs the missing extension. */
  readonly value?: T;
  readonly missing?: MissingExtension | undefined;
}

/** An extension that cannot be created. */
export interface MissingExtension extends Refusal {
  readonly name: string;
}

/**
 * Creates objects in the scratch schema. First creates the extensions that they
 * need and that the database does not have.
 *
 * @param make must leave nothing behind if it fails
 * @throws {MigrationError} with exit code 7 if an extension is in a schema that
 * migrations do not search
 */
export async function withExtensions<T>(
  scratch: Scratch,
  make: () => Promise<T>,
): Promise<Extended<T>> {
  const extensions: Extension[] = [];
  // Each round creates an extension that did not exist, so this ends.
  for (;;) {
    try {
      return { value: await make(), extensions };
    } catch (error) {
      const provider = await providerOf(scratch.tx, error);
      switch (provider?.kind) {
        case undefined:
          throw error;
        case "elsewhere":
        case "other":
          throw extensionFailure(provider, scratch.home, error);
        case "absent":
          return {
            extensions,
            missing: missingExtension(
              provider.extension,
              absentExtension(provider.extension, provider.message),
            ),
          };
        case "available": {
          const { extension: name, schema } = provider;
          for (const each of await withRequired(scratch, [name])) {
            const extension = {
              name: each,
              schema: each === name ? schema : undefined,
            };
            const problem = await createExtension(scratch.tx, extension);
            if (problem !== undefined) {
              return {
                extensions,
                missing: missingExtension(each, problem),
              };
            }
            extensions.push(extension);
          }
        }
      }
    }
  }
}

function missingExtension(
  name: string,
  problem: ExtensionProblem,
): MissingExtension {
  return { ...problem, name };
}

/** Returns both files, with a first step that creates extensions; the down migration keeps them. */
export function withNewExtensions(
  { up, down }: { readonly up: Draft; readonly down: Draft },
  extensions: readonly Extension[],
): { readonly up: Draft; readonly down: Draft } {
  if (extensions.length === 0) return { up, down };
  const names = extensions.map(({ name }) => name).join(", ");
  const comment = extensions.length === 1
    ? `The extension ${names} is not dropped: other objects may use it.`
    : `The extensions ${names} are not dropped: other objects may use them.`;
  return {
    up: {
      ...up,
      steps: [
        { ...STEP, statements: extensions.map(extensionStatement) },
        ...up.steps,
      ],
    },
    down: {
      ...down,
      steps: down.steps.map((step, index) =>
        index === down.steps.length - 1
          ? { ...step, comments: [...step.comments ?? [], comment] }
          : step
      ),
    },
  };
}

/** Returns the new and the missing extensions as changes. */
export function extensionChanges(
  { extensions, missing }: Pick<Extended<unknown>, "extensions" | "missing">,
): string[] {
  return [
    ...extensions.map(({ name }) => `add the extension ${name}`),
    ...missing === undefined ? [] : [missing.change],
  ];
}

/** Returns all extensions that the objects in the scratch schema need, except the server's own language. */
export async function extensionsIn(
  scratch: Scratch,
): Promise<readonly Extension[]> {
  const { tx, schema, home } = scratch;
  const [found] = await row(tx, USED, [schema, home]);
  const used: Record<string, string | null> = JSON.parse(found ?? "{}");
  const names = await withRequired(scratch, Object.keys(used), true);
  return names.map((name) => ({ name, schema: used[name] ?? undefined }));
}

/**
 * Returns extensions, each after the extensions that it requires.
 *
 * @param all whether to include required extensions that the database has
 */
async function withRequired(
  scratch: Scratch,
  names: readonly string[],
  all = false,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of names) {
    const [required] = await row(scratch.tx, REQUIRED, [name, all ? "t" : "f"]);
    const before: string[] = JSON.parse(required ?? "[]");
    for (const each of await withRequired(scratch, before, all)) {
      found.add(each);
    }
    found.add(name);
  }
  return [...found];
}

/** The extensions that an extension requires: those that the database does not have, or all if `$2`. */
const REQUIRED = `
select json_agg(n.name order by n.place)
from pg_available_extensions a
join pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
cross join lateral unnest(v.requires) with ordinality as n(name, place)
where a.name = $1 and n.name <> 'plpgsql'
  and (cast($2 as boolean) or not exists (select from pg_extension e where e.extname = n.name))`;

/** The extensions on which objects in the schema `$1` depend, with their schemas if those are neither `$2` nor on the search path. */
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
