import type { RunCall } from "../../base/call_scope.ts";
import type { AnyModel } from "../../model/types.ts";
import { createKysely } from "./kysely.ts";
import { kyselyNow } from "../link/kysely_module.ts";
import type { SqlLink } from "../link/link.ts";
import { namedColumnReader, nativeReader } from "../codec/column_reader.ts";

/**
 * Creates a Kysely select of a model, which decodes rows like `findAll`. If table
 * or columns have other names than model and fields, it selects from a subquery
 * that renames them; PostgreSQL flattens that subquery.
 */
export function createSelect(
  link: SqlLink,
  schema: string | undefined,
  model: AnyModel,
  call: RunCall,
): unknown {
  const { name, table, fields, byName, prototype } = model;
  const db = createKysely({ query: link.query }, schema, {
    call,
    prototype,
    reader(column) {
      const field = byName.get(column.name);
      return field === undefined
        ? nativeReader(column)
        : namedColumnReader(field, column);
    },
  });
  const sameColumns = fields.every(({ name, column }) => name === column);
  if (sameColumns && name === table && isPlain(name)) {
    return db.selectFrom(name).selectAll(name);
  }
  const { sql } = kyselyNow();
  const from = schema === undefined ? sql.id(table) : sql.id(schema, table);
  const columns = fields.map(({ name, column }) =>
    sql`${sql.id(column)} as ${sql.id(name)}`
  );
  const renamed = sql<
    Record<string, unknown>
  >`(select ${sql.join(columns)} from ${from})`;
  const select = db.selectFrom(renamed.as(name));
  return isPlain(name) ? select.selectAll(name) : select.selectAll();
}

/** Whether Kysely accepts a name as one name: it splits `a.b` and `a as b`. */
function isPlain(name: string): boolean {
  return !/\.| as |^\s|\s$/.test(name);
}
