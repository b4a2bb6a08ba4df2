import { z } from "../../base/zod.ts";

/** The zod type of `extra_fields`. */
type ExtraFields = z.ZodDefault<
  z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodUnknown>>
>;

/** The field that stores attributes of a row that the model does not declare. */
export function extraFields(): ExtraFields {
  return z.record(z.string(), z.unknown()).nullable().default({}).meta({
    description: "What a survey says besides",
  });
}
