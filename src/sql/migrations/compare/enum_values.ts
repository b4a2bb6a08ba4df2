import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { AnyModel } from "../../../model/types.ts";
import { quoted } from "../../codec/quote.ts";
import { aside, row, type Scratch } from "./scratch_schema.ts";

/**
 * Values of models that an enum of the server's own lacks. They cannot be used in
 * the transaction that adds them, so that nothing could be tried with them.
 *
 * @throws {MigrationError} with the statement that adds the first of them
 */
export async function refuseLackingValues(
  scratch: Scratch,
  models: readonly AnyModel[],
): Promise<void> {
  for (const { table, fields } of models) {
    for (const { column, type, sqlType } of fields) {
      if (type.kind !== "enum" || sqlType === undefined) continue;
      const there = await valuesOf(scratch, sqlType);
      const place = type.values.findIndex((value) => !there?.includes(value));
      const lacking = type.values[place];
      if (there === undefined || lacking === undefined) continue;
      const before = type.values[place - 1];
      const where = before === undefined
        ? `BEFORE ${quoted(there[0] ?? "")}`
        : `AFTER ${quoted(before)}`;
      throw new MigrationError(
        `The enum ${sqlType} of ${table}.${column} has no value ${
          quoted(lacking)
        }: write ALTER TYPE ${sqlType} ADD VALUE ${
          quoted(lacking)
        } ${where} into a migration of its own (dbp make_migrations --empty) and apply that first`,
        { exitCode: EXIT.undecided },
      );
    }
  }
}

/** The values of an enum, in order; undefined where a type is none. */
async function valuesOf(
  { tx }: Scratch,
  type: string,
): Promise<readonly string[] | undefined> {
  try {
    const [found] = await aside(tx, () => row(tx, VALUES, [type]));
    const values: string[] | undefined = typeof found === "string"
      ? JSON.parse(found)
      : undefined;
    return values;
  } catch {
    return undefined;
  }
}

const VALUES =
  "select json_agg(enumlabel order by enumsortorder) from pg_enum where enumtypid = to_regtype($1)";
