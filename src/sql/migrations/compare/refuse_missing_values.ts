import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { AnyModel } from "../../../model/types.ts";
import { quoted } from "../../codec/quote.ts";
import type { Scratch } from "./scratch_schema.ts";
import { aside, row } from "../../schema/run.ts";
import { commandHint } from "../../../base/hints.ts";

/**
 * Refuses values that an enum type of another schema does not have: it belongs
 * to others.
 *
 * @throws {MigrationError} with the statement that adds the first missing value
 */
export async function refuseMissingValues(
  scratch: Scratch,
  models: readonly AnyModel[],
): Promise<void> {
  for (const { table, fields } of models) {
    for (const { column, type, sqlType } of fields) {
      if (type.kind !== "enum" || sqlType?.includes(".") !== true) continue;
      const existing = await valuesOf(scratch, sqlType);
      const index = type.values.findIndex((value) =>
        !existing?.includes(value)
      );
      const missing = type.values[index];
      if (existing === undefined || missing === undefined) continue;
      const before = type.values[index - 1];
      const position = before === undefined
        ? `BEFORE ${quoted(existing[0] ?? "")}`
        : `AFTER ${quoted(before)}`;
      const value = quoted(missing);
      throw new MigrationError(
        `Cannot plan ${table}.${column}: the enum ${sqlType} does not have the value ${value}. Write ALTER TYPE ${sqlType} ADD VALUE ${value} ${position} in a migration of its own (${
          commandHint("make_migrations --empty")
        }) and apply it first.`,
        { exitCode: EXIT.undecided },
      );
    }
  }
}

/** Returns the values of an enum in order; undefined for another type. */
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
