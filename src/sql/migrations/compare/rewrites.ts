import type { LiveTable } from "../../schema/introspect.ts";
import { createTable } from "../../schema/recreate.ts";
import { named } from "../../codec/quote.ts";
import { runAll, type Scratch } from "./scratch_schema.ts";
import { aside, row } from "../../link/run.ts";

/** Why a change that rewrites a table is refused. */
export const REWRITE =
  "the server would rewrite the whole table, and block all reads until it is rewritten";

/**
 * Returns the names of the table and of its indexes, if the server rewrites
 * their files for some statements, which an empty copy shows too. Undefined if
 * the server refuses the statements.
 */
export async function rewritten(
  { tx, schema }: Scratch,
  table: LiveTable,
  statements: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  const files = async (): Promise<readonly string[][]> => {
    const [found] = await row(tx, FILES, [schema]);
    const files: string[][] = JSON.parse(found ?? "[]");
    return files;
  };
  try {
    return await aside(tx, async () => {
      await runAll(tx, [
        // An earlier copy may exist.
        `DROP TABLE IF EXISTS ${schema}.${named(table.name)} CASCADE`,
        ...createTable(table),
      ]);
      const before = await files();
      await runAll(tx, statements);
      const after = new Set((await files()).map(([file]) => file));
      return new Set(
        before.flatMap(([file, root = ""]) => after.has(file) ? [] : [root]),
      );
    });
  } catch {
    return undefined;
  }
}

/** Each file, and the relation that it belongs to; files of partitions belong to their table. */
const FILES = `
select json_agg(json_build_array(
  c.relname || ' ' || pg_relation_filenode(c.oid),
  (select r.relname from pg_class r where r.oid = coalesce(pg_partition_root(c.oid), c.oid))))
from pg_class c
where c.relkind in ('r', 'i')
  and c.relnamespace = case when $1 = 'pg_temp' then pg_my_temp_schema() else (select oid from pg_namespace where nspname = $1) end`;
