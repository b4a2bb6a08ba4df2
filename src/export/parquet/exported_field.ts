import type { Field } from "../../model/field.ts";

/** What a file says about the column of a field. */
export type ExportedField = Pick<
  Field,
  "name" | "type" | "nullable" | "unit" | "description"
>;
