import type { SqlLink } from "../../link/link.ts";
import { activities, ACTIVITY } from "./activity.ts";
import type { Name } from "../file/reader.ts";
import { quotedName, quotedPath } from "../../codec/quote.ts";

/** The current state of an index. */
interface IndexState {
  readonly schema: string;
  readonly name: string;
  /** Whether queries use it. */
  readonly valid: boolean;
}

/** How an index is searched: in the schema of another relation, or on a table. */
const CONDITIONS = {
  schema:
    "c.relnamespace = (select relnamespace from pg_class where oid = to_regclass($2))",
  table: "x.indrelid = to_regclass($2)",
};

/** Returns the index of this name; undefined if there is none in the schema of the relation, or on the table. */
export async function findIndex(
  link: SqlLink,
  name: string,
  by: keyof typeof CONDITIONS,
  relation: Name,
): Promise<IndexState | undefined> {
  const condition = `c.relname = $1 and ${CONDITIONS[by]}`;
  const [found] = await indexes(link, condition, [name, quotedPath(relation)]);
  return found;
}

/** Returns the INVALID indexes that an interrupted REINDEX CONCURRENTLY of an index or of a table left. */
export function leftovers(link: SqlLink, name: Name): Promise<IndexState[]> {
  return indexes(
    link,
    `not x.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$' and x.indrelid in (
      select oid from pg_class where oid = to_regclass($1)
      union all select indrelid from pg_index where indexrelid = to_regclass($1))`,
    [quotedPath(name)],
  );
}

/** Returns the statement that drops an index without blocking other sessions. */
export function dropIndex({ schema, name }: IndexState): string {
  return `DROP INDEX CONCURRENTLY IF EXISTS ${quotedName(schema)}.${
    quotedName(name)
  }`;
}

/** Describes the session that builds an index now; undefined if there is none. */
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
