import { z } from "zod";

/** What `extra_fields` is declared as. */
export type ExtraFields = z.ZodDefault<
  z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodUnknown>>
>;

/** The field that takes what a row says besides the model's fields. */
export function extraFields(): ExtraFields {
  return z.record(z.string(), z.unknown()).nullable().default({}).meta({
    description: "What a survey says besides",
  });
}
