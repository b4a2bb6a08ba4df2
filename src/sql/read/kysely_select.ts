import { sql } from "kysely";
import type { AnyModel } from "../../model/types.ts";
import { tableOf } from "../codec/sql_piece.ts";
import { createKysely } from "./kysely.ts";
import type { SqlLink } from "../link/link.ts";
import { namedColumnReader, nativeReader } from "../codec/value_text.ts";

/**
 * A Kysely select of a model's rows, decoded like `findAll`. The table goes by
 * the model's name and its columns by the fields', whatever the database calls
 * them; PostgreSQL flattens the subquery that does it.
 */
export function selectOf(
  link: SqlLink,
  schema: string | undefined,
  model: AnyModel,
  assertUsable: () => void,
): unknown {
  const { name, table, fields, byName, prototype } = model;
  const db = createKysely({ query: link.query }, schema, {
    assertUsable,
    prototype,
    reader({ name, dataTypeID }) {
      const field = byName.get(name);
      return field === undefined
        ? nativeReader(dataTypeID)
        : namedColumnReader(field.type, dataTypeID);
    },
  });
  const sameColumns = fields.every(({ name, column }) => name === column);
  if (sameColumns && name === table && isPlain(name)) {
    return db.selectFrom(name).selectAll(name);
  }
  const columns = fields.map(({ name, column }) =>
    sql`${sql.id(column)} as ${sql.id(name)}`
  );
  const renamed = sql<
    Record<string, unknown>
  >`(select ${sql.join(columns)} from ${tableOf(model, schema)})`;
  const select = db.selectFrom(renamed.as(name));
  return isPlain(name) ? select.selectAll(name) : select.selectAll();
}

/** Whether Kysely reads a name as one name: it takes `a.b` and `a as b` apart. */
function isPlain(name: string): boolean {
  return !/\.| as |^\s|\s$/.test(name);
}
