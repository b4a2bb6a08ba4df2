import type { SqlLink } from "../../link/link.ts";
import { activities, ACTIVITY } from "./activity.ts";
import type { Name } from "../file/reader.ts";
import { quotedName, quotedPath } from "../../codec/quote.ts";

/** An index as it is now. */
export interface IndexState {
  readonly schema: string;
  readonly name: string;
  /** Whether reads use it. */
  readonly valid: boolean;
}

/** The index of a name in the schema of another; undefined where there is none. */
export async function indexNamed(
  link: SqlLink,
  name: string,
  beside: Name,
): Promise<IndexState | undefined> {
  const [found] = await indexes(
    link,
    "c.relname = $1 and c.relnamespace = (select relnamespace from pg_class where oid = to_regclass($2))",
    [name, quotedPath(beside)],
  );
  return found;
}

/** The index of a name on a table; undefined where there is none, be one of that name on another. */
export async function indexOn(
  link: SqlLink,
  name: string,
  table: Name,
): Promise<IndexState | undefined> {
  const [found] = await indexes(
    link,
    "c.relname = $1 and x.indrelid = to_regclass($2)",
    [name, quotedPath(table)],
  );
  return found;
}

/** What a REINDEX CONCURRENTLY of an index or of a table's indexes left behind. */
export function leftovers(link: SqlLink, name: Name): Promise<IndexState[]> {
  return indexes(
    link,
    `not x.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$' and x.indrelid in (
      select oid from pg_class where oid = to_regclass($1)
      union all select indrelid from pg_index where indexrelid = to_regclass($1))`,
    [quotedPath(name)],
  );
}

/** Drops an index beside others' work. */
export function dropIndex({ schema, name }: IndexState): string {
  return `DROP INDEX CONCURRENTLY IF EXISTS ${quotedName(schema)}.${
    quotedName(name)
  }`;
}

/** Who builds an index now, in words. */
export function builderOf(
  link: SqlLink,
  { schema, name }: IndexState,
): Promise<string | undefined> {
  return activities(link, {
    text:
      `select ${ACTIVITY} from pg_stat_activity a join pg_stat_progress_create_index p on p.pid = a.pid where p.index_relid = to_regclass($1)`,
    values: [quotedPath({ schema, name })],
  });
}

async function indexes(
  link: SqlLink,
  where: string,
  values: readonly string[],
): Promise<IndexState[]> {
  const found: IndexState[] = [];
  await link.query({
    text:
      `select n.nspname, c.relname, x.indisvalid from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_index x on x.indexrelid = c.oid where ${where}`,
    values,
  }, ([schema, name, valid]) => {
    found.push({
      schema: String(schema),
      name: String(name),
      valid: valid === "t",
    });
  });
  return found;
}
