import { z } from "../base/zod.ts";
import { int16 as smallint } from "./int16.ts";

/** A `double precision` column. */
export function float64(
  description: string,
  unit?: string,
): z.ZodNumberFormat {
  return z.float64().meta({ description, unit });
}

/** A `real` column. */
export function float32(
  description: string,
  unit?: string,
): z.ZodNumberFormat {
  return z.float32().meta({ description, unit });
}

/** A `smallint` column. */
export function int16(description: string): z.ZodNumberFormat {
  return smallint().meta({ description });
}

/** An `integer` column. */
export function int32(description: string, unit?: string): z.ZodNumberFormat {
  return z.int32().meta({ description, unit });
}

/** A `bigint` column: a JavaScript bigint in rows. */
export function int64(description: string): z.ZodBigIntFormat {
  return z.int64().meta({ description });
}

/** A `character varying` column without a length. */
export function varchar(description: string): z.ZodString {
  return z.string().meta({ description });
}

/** A `character varying[]` column. */
export function varchars(description: string): z.ZodArray<z.ZodString> {
  return z.array(z.string()).meta({ description });
}

/** A `boolean` column. */
export function bool(description: string): z.ZodBoolean {
  return z.boolean().meta({ description });
}

/** A `timestamp without time zone` column, read and written as UTC. */
export function timestamp(description: string): z.ZodDate {
  return z.date().meta({ description, sqlType: "timestamp" });
}

/** A `jsonb` column. */
export function json(description: string): z.ZodUnknown {
  return z.unknown().meta({ description });
}
