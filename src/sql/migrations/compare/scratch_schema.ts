import type { SqlDriver, SqlLink, SqlTransaction } from "../../link/link.ts";
import {
  currentSchema,
  definedTables,
  type LiveTable,
  liveTables,
} from "../../schema/introspect.ts";
import { createForeignKeys, createTable } from "../../schema/recreate.ts";
import { DATABASE_BY_CODE_POINT } from "../../schema/read_collations.ts";
import { row, run } from "../../link/run.ts";
import { extensionSchemas } from "../../schema/session_settings.ts";
import { named, quoted } from "../../codec/quote.ts";

/** Tables by name, as the catalogs describe them. */
export type Tables = ReadonlyMap<string, LiveTable>;

/** A schema for tables that disappear with its transaction, and the live tables. */
export interface Scratch {
  readonly tx: SqlTransaction;
  /** Every table of the schema. */
  readonly live: Tables;
  /** The version of the server, such as 180001. */
  readonly version: number;
  /** Whether the database orders text by code point. */
  readonly isByCodePoint: boolean;
  /** The schema of the live tables. */
  readonly home: string;
  /** The schema of the scratch tables. */
  readonly schema: string;
  /** The search path: the scratch schema, the live schema only if it has types, functions, sequences or collations of its own, and the schemas of extensions. */
  readonly path: string;
}

/** Runs `work` with a scratch schema, which is always rolled back. */
export async function inScratch<T>(
  driver: SqlDriver,
  schema: string | undefined,
  work: (scratch: Scratch) => Promise<T>,
): Promise<T> {
  const home = schema ?? await currentSchema(driver);
  const tx = await driver.begin({});
  try {
    const beside = (await extensionSchemas(tx, home)).map(named);
    const live = await liveTables(
      tx,
      home,
      undefined,
      [named(home), ...beside].join(", "),
    );
    const own = `dbp_scratch_${crypto.randomUUID().slice(0, 8)}`;
    const [version = "", mayCreate = "", needed = "", isByCodePoint = ""] =
      await row(tx, ABOUT, [home]);
    const scratch = mayCreate === "t" ? own : "pg_temp";
    if (scratch === own) await run(tx, `CREATE SCHEMA ${own}`);
    const path = [scratch, ...needed === "t" ? [named(home)] : [], ...beside]
      .join(", ");
    await run(tx, `SET LOCAL search_path = ${path}`);
    await run(tx, "SET LOCAL row_security = off");
    return await work({
      tx,
      live,
      version: Number(version),
      isByCodePoint: isByCodePoint === "t",
      home,
      schema: scratch,
      path,
    });
  } finally {
    await tx.rollback();
  }
}

/** The version of the server, whether the role may create schemas, whether the schema `$1` has types, functions, sequences or collations of its own, and whether the database orders text by code point. */
const ABOUT = `
select current_setting('server_version_num'), has_database_privilege(current_database(), 'create'),
  exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1)
  or exists (
    select from pg_type t
    join pg_namespace n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where n.nspname = $1 and t.typelem = 0 and (c.oid is null or c.relkind = 'c'))
  or exists (
    select from pg_class s join pg_namespace n on n.oid = s.relnamespace
    where n.nspname = $1 and s.relkind = 'S' and not exists (
      select from pg_depend d
      where d.classid = cast('pg_class' as regclass) and d.objid = s.oid and d.deptype = 'i'))
  or exists (select from pg_collation l join pg_namespace n on n.oid = l.collnamespace where n.nspname = $1),
  ${DATABASE_BY_CODE_POINT}`;

/** Returns the scratch tables of these names. Nothing depends on them. */
export function scratchTables(
  { tx, schema, path }: Scratch,
  names?: readonly string[],
): Promise<Tables> {
  return definedTables(tx, schema, names, path);
}

/** Creates copies of tables without rows, with the foreign keys between them. */
export async function copyTables(
  { tx }: Scratch,
  tables: readonly LiveTable[],
): Promise<void> {
  const names = new Set(tables.map(({ name }) => name));
  await runAll(tx, [
    ...tables.flatMap((table) => createTable(table, true)),
    ...tables.flatMap((table) =>
      createForeignKeys({
        ...table,
        constraints: table.constraints.filter((key) =>
          key.table !== null && names.has(key.table)
        ),
      })
    ),
  ]);
}

/** Bytes of statements that one message has at most. */
const MESSAGE = 100_000;

/** Sends statements in few messages. */
export async function runAll(
  link: SqlLink,
  statements: readonly string[],
): Promise<void> {
  let part: string[] = [];
  let size = 0;
  for (const text of statements) {
    part.push(text);
    size += text.length;
    if (size < MESSAGE) continue;
    await run(link, together(part));
    [part, size] = [[], 0];
  }
  if (part.length > 0) await run(link, together(part));
}

/** One statement that runs several, each parsed after the previous one has run. */
function together(statements: readonly string[]): string {
  const [only] = statements;
  if (statements.length === 1 && only !== undefined) return only;
  const lines = statements.map((text) => `EXECUTE ${quoted(text)};`);
  return `DO ${quoted(`BEGIN\n${lines.join("\n")}\nEND`)}`;
}
