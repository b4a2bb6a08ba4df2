import { z } from "../base/zod.ts";

/** A `date` column. */
export function day(description: string): z.ZodDate {
  return z.date().meta({ description, sqlType: "date" });
}

/** Returns the current day in UTC. */
function today(): Date {
  return new Date(new Date().setUTCHours(0, 0, 0, 0));
}

/** The day on which a row was inserted. Both the server and the writer know it, so that every engine stores it. */
export function createdDate(
  description = "Day of the insert, UTC",
): z.ZodDefault<z.ZodNullable<z.ZodDate>> {
  return z.date().nullable().default(today)
    .meta({ description, sqlType: "date", sqlDefault: "now()" });
}

/** The day of the last update; null if the row was never updated. */
export function updatedDate(): z.ZodDefault<z.ZodNullable<z.ZodDate>> {
  return z.date().nullable().default(null).meta({
    description: "Day of the last update, UTC",
    sqlType: "date",
    onUpdate: today,
  });
}

/** The day of the last write. */
export function writtenDate(): z.ZodNullable<z.ZodDate> {
  return z.date().nullable().meta({
    description: "Day of the last write, UTC",
    sqlType: "date",
    sqlDefault: "now()",
    onUpdate: today,
  });
}
