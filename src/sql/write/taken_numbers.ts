import { sql } from "../link/kysely.ts";
import { DuplicateKeyError } from "../../base/errors/mod.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { columnOf, type Sql } from "../codec/sql_piece.ts";
import { advanceSequence, usesSequence } from "../schema/sequence.ts";

/**
 * Returns the condition that a staged row is not in the table, although rows
 * with existing keys were ignored: it got a number that another row has. Returns
 * undefined if the rows have all numbers, or a key that cannot be compared.
 */
export function lostRowCondition(
  model: AnyModel,
  table: Sql,
  columns: readonly Field[],
): Sql | undefined {
  const keys = keysOf(model).map((key) => fieldsNamed(model, key));
  const isOmitted = (field: Field): boolean => !columns.includes(field);
  if (
    !keys.some((key) =>
      key.some((field) => usesSequence(field) && isOmitted(field))
    ) || keys.flat().some(({ filled }) => filled === "generated")
  ) return undefined;
  const missing = keys.filter((key) => !key.some(isOmitted)).map((key) =>
    sql`not exists (select from ${table} as present where ${
      sql.join(
        key.map((field) =>
          sql`present.${columnOf(field)} = staged.${columnOf(field)}`
        ),
        sql` and `,
      )
    })`
  );
  return missing.length === 0 ? sql`true` : sql.join(missing, sql` and `);
}

/** Returns the error for rows that were not inserted, because they got numbers that other rows have. */
export function lostRowsError(
  model: AnyModel,
  columns: readonly Field[],
  count: number,
): DuplicateKeyError {
  const fields = omittedNumbers(model, columns);
  return new DuplicateKeyError(
    `Cannot insert ${count} rows into ${model.name}, although no row has their keys: ${
      takenText(model, fields)
    }`,
    {
      model: model.name,
      table: model.table,
      fields: fields.map(({ name }) => name),
    },
  );
}

/**
 * Returns the error of an insert, with advice if a number that the server chose
 * belongs to another row.
 *
 * @param joint the text before the advice
 */
export function withSequenceAdvice(
  error: unknown,
  model: AnyModel,
  columns: Iterable<Field>,
  joint = ": ",
): unknown {
  if (!(error instanceof DuplicateKeyError)) return error;
  const fields = omittedNumbers(model, [...columns])
    .filter(({ name }) => error.fields.includes(name));
  return fields.length === 0 ? error : new DuplicateKeyError(
    `${error.message}${joint}${takenText(model, fields)}`,
    { ...error, cause: error.cause ?? error },
  );
}

/** Returns the fields of keys that got numbers of a sequence. */
function omittedNumbers(
  model: AnyModel,
  columns: readonly Field[],
): readonly Field[] {
  const keys = new Set(keysOf(model).flat());
  return model.fields.filter((field) =>
    keys.has(field.name) && usesSequence(field) && !columns.includes(field)
  );
}

function takenText({ table }: AnyModel, fields: readonly Field[]): string {
  const names = fields.map(({ name }) => name).join(", ");
  const statements = fields.map((field) => advanceSequence(table, field));
  return `the next number of the sequence of ${names} belongs to an existing row, because given numbers do not advance a sequence. Advance it with ${
    statements.join("; ")
  }`;
}
