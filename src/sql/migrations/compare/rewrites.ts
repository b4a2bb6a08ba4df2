import type { LiveTable } from "../../schema/introspect.ts";
import { createTable } from "../../schema/recreate.ts";
import { named } from "../../codec/quote.ts";
import { aside, row, runAll, type Scratch } from "./scratch_schema.ts";

/** Why a change that rewrites a table is refused. */
export const REWRITE =
  "the server would rewrite the whole table, and nobody could read it meanwhile";

/**
 * The names of the table and of its indexes, if the server rewrites their files
 * for some statements, which an empty copy shows too. Undefined if the server
 * refuses the statements.
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

/** Finds the pairs of differently written defaults that have the same value. */
export async function equalDefaults(
  { tx }: Scratch,
  pairs: readonly (readonly [string, string])[],
): Promise<(left: string, right: string) => boolean> {
  const equal = new Set<string>();
  const key = (left: string, right: string): string =>
    JSON.stringify([left, right]);
  for (const [left, right] of pairs) {
    // Values that depend on time or session may be equal by chance.
    if (!isFixed(left) || !isFixed(right)) {
      if (sameClock(left) === sameClock(right)) equal.add(key(left, right));
      continue;
    }
    try {
      const [same] = await aside(
        tx,
        () => row(tx, `SELECT (${left}) = (${right})`),
      );
      if (same === "t") equal.add(key(left, right));
    } catch {
      // Not comparable, so different.
    }
  }
  return (left, right) => equal.has(key(left, right));
}

function isFixed(expression: string): boolean {
  return !/[a-z_"]\s*\(|\bCURRENT_|\bSESSION_|\bLOCALTIME|\bUSER\b/i.test(
    expression.replaceAll(/'(?:[^']|'')*'/g, "").replaceAll(
      /::[a-z ]+(?:\(\d+(?:,\d+)?\))?/gi,
      "",
    ),
  );
}

/** The expression, with one name for the start time of the transaction. */
function sameClock(expression: string): string {
  return expression.replaceAll(
    /\b(?:CURRENT_TIMESTAMP|transaction_timestamp\(\))(?!\()/g,
    "now()",
  );
}
