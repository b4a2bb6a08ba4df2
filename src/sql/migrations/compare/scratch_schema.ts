import type { SqlDriver, SqlLink, SqlTransaction } from "../../link/link.ts";
import {
  currentSchema,
  type LiveTable,
  liveTables,
} from "../../schema/introspect.ts";
import { createForeignKeys, createTable } from "./create_sql.ts";
import { extensionSchemas } from "../../schema/session_settings.ts";
import { named, quoted } from "../../codec/quote.ts";

/** Tables by name, as the catalogs have them. */
export type Tables = ReadonlyMap<string, LiveTable>;

/** A place for tables that are gone with its transaction, and the tables that it stands beside. */
export interface Scratch {
  readonly tx: SqlTransaction;
  /** Every table of the schema. */
  readonly live: Tables;
  /** The server, as in 180001. */
  readonly version: number;
  /** The schema of the live tables. */
  readonly home: string;
  /** Its own schema; made when it is first needed. */
  readonly schema: string;
  /** Where names without a schema are looked for: here, beside the live tables only where those have types or functions of their own, and among extensions as on the day. */
  readonly path: string;
}

/** How often savepoints were set, so that no two have a name in common. */
let savepoints = 0;

/** Gives a scratch place to `work`, and takes it away again, whatever becomes of it. */
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
    const [version = "", mayCreate = "", needed = ""] = await row(
      tx,
      ABOUT,
      [home],
    );
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
      home,
      schema: scratch,
      path,
    });
  } finally {
    await tx.rollback();
  }
}

/** The server, what may be done, and whether a schema has more than tables. */
const ABOUT = `
select current_setting('server_version_num'), has_database_privilege(current_database(), 'create'),
  exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1)
  or exists (
    select from pg_type t
    join pg_namespace n on n.oid = t.typnamespace
    left join pg_class c on c.oid = t.typrelid
    where n.nspname = $1 and t.typelem = 0 and (c.oid is null or c.relkind = 'c'))`;

/** Does something and undoes it, keeping what it found. */
export async function aside<T>(
  tx: SqlTransaction,
  work: () => Promise<T>,
): Promise<T> {
  const name = `dbp_aside_${++savepoints}`;
  await run(tx, `SAVEPOINT ${name}`);
  try {
    return await work();
  } finally {
    await run(tx, `ROLLBACK TO SAVEPOINT ${name}`);
  }
}

/** The tables of these names that are in the scratch place now. */
export function scratchTables(
  { tx, schema, path }: Scratch,
  names?: readonly string[],
): Promise<Tables> {
  return liveTables(tx, schema, names, path);
}

/** Copies of tables without their rows, with foreign keys among themselves. */
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

/** Sends a statement that has no values. */
export async function run(link: SqlLink, text: string): Promise<void> {
  await link.query({ text, values: [] });
}

/** How many bytes of statements one message of many holds at most. */
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

/** One statement that runs several; each is planned when its turn comes. */
function together(statements: readonly string[]): string {
  const [only] = statements;
  if (statements.length === 1 && only !== undefined) return only;
  const lines = statements.map((text) => `EXECUTE ${quoted(text)};`);
  return `DO ${quoted(`BEGIN\n${lines.join("\n")}\nEND`)}`;
}

/** The first row of an answer. */
export async function row(
  link: SqlLink,
  text: string,
  values: readonly (string | null)[] = [],
): Promise<readonly (string | null)[]> {
  let found: readonly (string | null)[] = [];
  await link.query({ text, values }, (row) => found = row);
  return found;
}
