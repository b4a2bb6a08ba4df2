import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type { AnyModel } from "../../../model/types.ts";
import { quoted } from "../../codec/quote.ts";
import type { Scratch } from "./scratch_schema.ts";
import { addedValues, readLabels } from "../../schema/enum_types.ts";
import { aside } from "../../link/run.ts";
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
      const labels = await labelsOf(scratch, sqlType);
      const [first] = labels === undefined
        ? []
        : addedValues(type.values, labels).added;
      if (first === undefined) continue;
      const value = quoted(first.value);
      throw new MigrationError(
        `Cannot plan ${table}.${column}: the enum ${sqlType} does not have the value ${value}. Write ALTER TYPE ${sqlType} ADD VALUE ${value} ${first.position} in a migration of its own (${
          commandHint("make_migrations --empty")
        }) and apply it first.`,
        { exitCode: EXIT.undecided },
      );
    }
  }
}

/** Returns the values of an enum type in order; undefined for another type, or a name that the server refuses. */
async function labelsOf(
  { tx }: Scratch,
  type: string,
): Promise<readonly string[] | undefined> {
  try {
    return (await aside(tx, () => readLabels(tx, type))).labels;
  } catch {
    return undefined;
  }
}
