import { isNumbered } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { advanceSequence } from "./sequence.ts";

/** Rows of a look-up table that are inserted together, and what follows them. */
interface SeedPart {
  readonly rows: readonly object[];
  /** Statements that advance the sequences of a new table beyond the given numbers. */
  readonly advance: readonly string[];
}

/** Returns the rows of a look-up table: first those with numbers for all serial and identity columns, then those whose numbers come from the sequences. */
export function seedParts({ seed, fields, table }: AnyModel): SeedPart[] {
  const numbered = fields.filter(isNumbered);
  const hasNumbers = (row: object): boolean =>
    numbered.every(({ name }) => Reflect.get(row, name) !== undefined);
  const parts = [
    {
      rows: seed.filter(hasNumbers),
      advance: numbered.map((field) => advanceSequence(table, field)),
    },
    { rows: seed.filter((row) => !hasNumbers(row)), advance: [] },
  ];
  return parts.filter(({ rows }) => rows.length > 0);
}
